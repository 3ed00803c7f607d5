import { requestGpu } from '../../src/index.ts';
import { ours } from '../contenders/ours.ts';
import { makeInputs, SEED } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { timed } from './warm-up.ts';

/** How long the first call of each work takes this library. */
export interface FirstCalls {
  date: string;
  /** In milliseconds, a sample for each browser. */
  rows: { work: Work; samples: number[] }[];
}

/** For a page that has compiled nothing yet: how long until it has the first result of a work, compilation included. */
export function firstCall(work: Work): Promise<number> {
  const inputs = makeInputs(work, SEED);
  return timed(async () => {
    const task = await ours(await requestGpu()).prepare(work, inputs);
    await task.run(1);
  });
}
