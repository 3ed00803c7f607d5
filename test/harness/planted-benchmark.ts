import { vi } from 'vitest';
import { benchmark } from '../../src/runtime/autotune/benchmark.ts';
import type { TuningStorage } from '../../src/runtime/autotune/tuning-storage.ts';
import type { Scratch } from '../../src/runtime/autotune/tuning-task.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { FakeTime, stubDevice, type StubOptions } from './stub-device.ts';

export interface Planted extends Omit<StubOptions, 'time' | 'costOf'> {
  /** Resolution of the clock in milliseconds. */
  tick: number;
  /** Milliseconds of a replay of each candidate; the first is the default. */
  costs: readonly number[];
  /** By what the milliseconds of a replay are multiplied that begins after so many of work. */
  slowdown: (worked: number) => number;
}

/** The multiply-adds that a replay of each candidate is said to take. */
export const REPLAY_WORK = 1e6;

/** Benchmarks candidates on a stub device on which each takes a planted time. */
export async function benchmarkPlanted({ tick, costs, slowdown, ...options }: Planted) {
  const time = new FakeTime(tick);
  let worked = 0;
  const costOf = (label: string) => {
    const cost = costs[Number(label)] * slowdown(worked);
    worked += cost;
    return cost;
  };
  const { device } = stubDevice({ ...options, time, costOf });
  const save = vi.fn<TuningStorage['save']>(() => Promise.resolve());
  const storage = { store: { load: () => Promise.resolve(undefined), save }, key: 'card' };
  const gpu = new Gpu(device, false, { isTuning: true, storage });
  const candidates = costs.map((_, index) => ({ name: String(index) }));
  const record = ({ name }: { name: string }, { plan }: Scratch) => {
    plan.ready = () => Promise.resolve();
    plan.encode = (pass) => {
      pass.setPipeline({ label: name } as GPUComputePipeline);
      pass.dispatchWorkgroups(1);
    };
    return REPLAY_WORK;
  };
  const task = { key: 'work', kernels: [], candidates, work: 1e9, record };
  await time.run(benchmark(gpu, [task]));
  await time.run(Promise.resolve());
  vi.unstubAllGlobals();
  return { best: gpu.tuningCache.get(task)!, took: time.now, saved: save.mock.calls.at(-1) as unknown[] | undefined };
}
