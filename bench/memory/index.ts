import type { Gpu } from '../../src/index.ts';
import { ours } from '../contenders/ours.ts';
import { makeInputs, SEED } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { type LiveBuffers, watchBuffers } from './buffers.ts';
import { neededBytes } from './need.ts';

/** What the library holds on the GPU for a work. */
export interface Holding {
  work: Work;
  /** Bytes of the tensors that it cannot do without. */
  needed: number;
  /** The most bytes at once, those in `sending` left out. */
  held: number;
  /** Bytes for updates on their way and losses on their way back: the same for a small model and a large one. */
  sending: number;
}

/** What there was before and after many updates. */
export interface Growth {
  updates: number;
  buffers: readonly [before: LiveBuffers, after: LiveBuffers];
  /** Bytes that live JavaScript objects take. */
  heap: readonly [before: number, after: number];
}

export interface Memory {
  holdings: Holding[];
  /** Absent if no work is stateful training. */
  growth?: Growth;
}

const UPDATES = 100_000;
/** A call of `fit`. */
const UPDATES_AT_ONCE = 10_000;

/** Labels of buffers whose size does not depend on the model. */
const SENDING = /^(agenda|journal|readback)/;

/**
 * @param heapBytes collects garbage and tells what is left
 * @param onProgress is told what fraction is done
 */
export async function measureMemory(
  gpu: Gpu,
  works: readonly Work[],
  heapBytes: () => Promise<number>,
  onProgress: (fraction: number) => void,
): Promise<Memory> {
  const holdings: Holding[] = [];
  for (const work of works) holdings.push(await holding(gpu, work));
  const stateful = works.find(({ kind, stateful: isStateful }) => kind === 'train' && isStateful);
  const growth = stateful && (await measureGrowth(gpu, stateful, heapBytes, onProgress));
  return { holdings, growth };
}

export async function holding(gpu: Gpu, work: Work): Promise<Holding> {
  const all = watchBuffers(gpu.device);
  const model = watchBuffers(gpu.device, (label) => !SENDING.test(label));
  try {
    const task = await ours(gpu).prepare(work, makeInputs(work, SEED));
    await task.run(1);
    task.dispose();
    return { work, needed: neededBytes(work), held: model.peak(), sending: all.peak() - model.peak() };
  } finally {
    model.stop();
    all.stop();
  }
}

async function measureGrowth(
  gpu: Gpu,
  work: Work,
  heapBytes: () => Promise<number>,
  onProgress: (fraction: number) => void,
): Promise<Growth> {
  const buffers = watchBuffers(gpu.device);
  const task = await ours(gpu).prepare(work, makeInputs(work, SEED));
  const look = async () => [buffers.live(), await heapBytes()] as const;
  try {
    // What the first calls make once is no growth.
    for (let call = 0; call < 2; call++) await task.run(UPDATES_AT_ONCE);
    const before = await look();
    for (let done = 0; done < UPDATES; done += UPDATES_AT_ONCE) {
      await task.run(UPDATES_AT_ONCE);
      onProgress((done + UPDATES_AT_ONCE) / UPDATES);
    }
    const after = await look();
    return { updates: UPDATES, buffers: [before[0], after[0]], heap: [before[1], after[1]] };
  } finally {
    task.dispose();
    buffers.stop();
  }
}
