import type { SlotRun } from '../execution/program.ts';

/** A row of an update: the slot that it continues, and whether from zero. */
type Row = Pick<SlotRun, 'slot' | 'isReset'>;

/** On a software adapter copies are faster than dispatches if they copy at least so many rows each, on average. */
const LEAST_ROWS = 32;

/**
 * Joins rows to runs: consecutive rows with consecutive slots, whose states one command can copy.
 *
 * @param rows in the order of their slots
 * @returns nothing if there are so many runs that dispatches are faster than copies
 */
export function slotRuns(rows: readonly Row[], { isSoftware }: { isSoftware: boolean }): SlotRun[] | undefined {
  const most = isSoftware ? Math.max(1, rows.length / LEAST_ROWS) : 1;
  const runs: SlotRun[] = [];
  for (let row = 0; row < rows.length; row++) {
    const { slot, isReset } = rows[row];
    const last = runs.at(-1);
    if (last && slot === last.slot + last.count && isReset === last.isReset) last.count++;
    else if (runs.push({ row, slot, count: 1, isReset }) > most) return undefined;
  }
  return runs;
}
