import { requestGpu, type GpuOptions } from '../../src/index.ts';
import { ours } from '../contenders/ours.ts';
import { summarize } from '../measure/statistics.ts';
import { timed, warmUp } from '../measure/warm-up.ts';
import { allWorks, works } from '../works/index.ts';
import { makeInputs, SEED } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { report, type PartSettings } from './process.ts';

/** Of each work, and of those slower than a second a sample. */
const SAMPLES = 9;
const SLOW_SAMPLES = 3;
const SLOW_MS = 1000;

/** Those of every machine first: the others may take a slow one all of the time. */
export function worksToDo({ quick }: Pick<PartSettings, 'quick'>): readonly Work[] {
  return quick ? works : allWorks;
}

/** Times the works with this library alone. @param tuning `'off'`: a rule chooses among candidates */
export async function measureWorks({ quick }: PartSettings, tuning: GpuOptions['tuning']): Promise<void> {
  const gpu = await requestGpu({ tuning });
  for (const work of worksToDo({ quick })) {
    try {
      report({ what: 'work', work: work.id, tuning, ...(await measure(work)) });
    } catch (error) {
      report({ what: 'work', work: work.id, tuning, failure: (error as Error).message });
    }
  }
  gpu.dispose();

  async function measure(work: Work) {
    const inputs = makeInputs(work, SEED);
    const begin = performance.now();
    const prepared = await ours(gpu).prepare(work, inputs);
    const { updates = 1 } = work;
    const task = { ...prepared, run: (times: number) => prepared.run(times * updates) };
    await task.run(1);
    const firstCall = performance.now() - begin;
    try {
      const { times, sample } = await warmUp(task);
      const samples: number[] = [];
      for (let left = quick || sample > SLOW_MS ? SLOW_SAMPLES : SAMPLES; left > 0; left--) {
        samples.push((await timed(() => task.run(times))) / times);
      }
      const dispatches = await dispatchesOf(() => task.run(1));
      const explained = task.explain?.();
      return { ...summarize(samples), min: Math.min(...samples), firstCall, times, samples, dispatches, explained };
    } finally {
      task.dispose();
    }
  }
}

/** How many dispatches are sent for a piece of work. */
async function dispatchesOf(run: () => Promise<void>): Promise<number> {
  const { prototype } = GPUComputePassEncoder;
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its pass below
  const { dispatchWorkgroups } = prototype;
  let count = 0;
  prototype.dispatchWorkgroups = function (...sizes) {
    count++;
    return dispatchWorkgroups.apply(this, sizes);
  };
  try {
    await run();
  } finally {
    prototype.dispatchWorkgroups = dispatchWorkgroups;
  }
  return count;
}
