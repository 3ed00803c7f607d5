import { agreement } from '../measure/agreement.ts';
import type { Row, Timing } from '../measure/outcome.ts';
import { summarize } from '../measure/statistics.ts';
import { makeInputs } from '../works/inputs.ts';
import { firstRow } from './plain/first-row.ts';

/** What cudnn.py writes. */
export interface CudnnTimes {
  /** The GPU. */
  device: string;
  torch: string;
  cudnn: number;
  /** By the id of the work. */
  works: Record<string, Pick<Timing, 'samples' | 'times' | 'firstCall'> & { firstRow?: number[] }>;
}

/** Rows with cuDNN's times beside those of the others. */
export function withCudnn(rows: readonly Row[], { works }: CudnnTimes, seed: number): Row[] {
  return rows.map((row) => {
    const times = works[row.work.id];
    if (!times) return row;
    const { samples, times: pieces, firstCall, firstRow: row0 } = times;
    const timing: Timing = { ...summarize(samples), samples, times: pieces, firstCall };
    if (row0) {
      const expected = [firstRow(row.work, makeInputs(row.work, seed))];
      timing.agreement = agreement(row.work, [Float32Array.from(row0)], expected, []);
    }
    return { ...row, outcomes: [...row.outcomes, { contender: 'cudnn', ...timing }] };
  });
}
