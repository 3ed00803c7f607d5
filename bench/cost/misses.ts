import type { KernelInReport } from '../compile/report.ts';
import { percent } from '../report/words.ts';
import { nameOf, readsPerRowTile, usedShare, worstBinding } from './kernel.ts';
import { rowsOf, rowsThatMatter, type CostReport } from './rows.ts';

/** A kernel that uses too little of what it asks for, or reads weights more often than once for each tile of rows. */
export interface Miss {
  kernel: string;
  /** The share of bytes that are used, in percent, and the binding that wastes most. */
  used: number;
  worst: string;
  reads?: number;
}

export const LEAST_USED = 0.9;
/** Requests are counted in some workgroups only, so that the figure for all has an error. */
const MOST_READS = 1.02;

/** The kernels that matter and miss, each with its worst figures in all sizes. */
export function misses(report: CostReport, compiled: readonly KernelInReport[]): Miss[] {
  const found = new Map<string, Miss>();
  for (const work of report.works) {
    for (const { kernel } of rowsThatMatter(rowsOf(work, report, compiled))) {
      const [used, reads] = [usedShare(kernel), readsPerRowTile(kernel) ?? 0];
      if (used >= LEAST_USED && reads <= MOST_READS) continue;
      const name = nameOf(kernel);
      const known = found.get(name);
      const { binding, isStore, used: ofWorst } = worstBinding(kernel);
      const worst = `${isStore ? 'stores to' : 'loads of'} ${binding}: ${percent(ofWorst)}`;
      const most = Math.max(reads, known?.reads ?? 0);
      const isWorse = known === undefined || 100 * used < known.used;
      found.set(name, {
        kernel: name,
        used: isWorse ? Number((100 * used).toFixed(1)) : known.used,
        worst: isWorse ? worst : known.worst,
        ...(most > MOST_READS ? { reads: Number(most.toFixed(2)) } : {}),
      });
    }
  }
  return [...found.values()].toSorted((a, b) => a.used - b.used);
}
