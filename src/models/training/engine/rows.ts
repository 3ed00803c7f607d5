import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { ModelEntries } from '../../execution/agenda.ts';

/** The slots of a range: `count` of them from `first` on. Without stateful layers there are none. */
export interface SlotRange {
  slots?: StateSlots;
  first: number;
  count: number;
}

/** The samples of consecutive batches, and which of their rows start from zero. */
export interface RowsOfBatches {
  /** The numbers of all samples, those of each batch behind those of the one before. */
  samples: Uint32Array;
  /** How many samples each batch has; the last one may have fewer. */
  rows: number;
  /** How many batches they are. */
  count: number;
  /** Whether all states are reset before a batch, counted from 0, but for the first one. Default: never. */
  resetsBefore?: (batch: number) => boolean;
  /** 1 for each sample whose row starts from zero. */
  sampleResets?: Uint8Array;
}

/**
 * Makes the rows of consecutive updates, and removes the marks of slots that they reset.
 *
 * @param ranges one, or those of several models with the same marks, which take the same rows
 */
export function takeRows(batches: RowsOfBatches, ranges: readonly SlotRange[]): ModelEntries {
  const [range] = ranges;
  const { samples, sampleResets } = batches;
  const marks = marksOf(range);
  if (!marks) return { samples, slots: 0, resets: new Uint8Array(samples.length).fill(1) };
  const taken = takeMarks(marks, batches);
  const all = ranges.map((each) => marksOf(each)!);
  for (const each of all) each.set(marks);
  const resets = sampleResets ? samples.map((sample, n) => sampleResets[sample] | (taken?.[n] ?? 0)) : taken;
  return { samples, slots: range.first, resets, restoreMarks: taken && restore(all, taken, batches) };
}

/** Whether the same slots are marked in ranges of two models. */
export function haveSameMarks(one: SlotRange, other: SlotRange): boolean {
  const [marks, others] = [marksOf(one), marksOf(other)];
  return marks === undefined || marks.every((mark, slot) => mark === others![slot]);
}

function marksOf({ slots, first, count }: SlotRange): Uint8Array | undefined {
  return slots?.marks(first, count);
}

/** Removes the marks of slots that rows take. @returns 1 for each row that took one; nothing if there is none */
function takeMarks(marks: Uint8Array, { samples, rows, count, resetsBefore }: RowsOfBatches): Uint8Array | undefined {
  let taken: Uint8Array | undefined;
  let isMarked = marks.includes(1);
  for (let batch = 0; batch < count; batch++) {
    if (batch > 0 && resetsBefore?.(batch)) {
      marks.fill(1);
      isMarked = true;
    }
    if (!isMarked) continue;
    taken ??= new Uint8Array(samples.length);
    const own = marks.subarray(0, Math.min(rows, samples.length - batch * rows));
    taken.set(own, batch * rows);
    own.fill(0);
    // Slots beyond the rows of a batch keep their marks for a later one.
    isMarked = own.length < marks.length && marks.includes(1);
  }
  return taken;
}

/** Gives back the marks that the rows of some updates took. */
function restore(all: readonly Uint8Array[], taken: Uint8Array, { rows }: RowsOfBatches): ModelEntries['restoreMarks'] {
  return (from, to) => {
    for (let row = from * rows; row < Math.min(to * rows, taken.length); row++) {
      if (taken[row] === 1) for (const marks of all) marks[row % rows] = 1;
    }
  };
}
