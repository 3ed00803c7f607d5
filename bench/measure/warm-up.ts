import type { Task } from '../contenders/contender.ts';
import { quantile } from './statistics.ts';

/** A sample is as many pieces of work as take so long, so that clocks and readbacks weigh little. */
const SAMPLE_MS = 50;
const MAX_TIMES = 4096;

/** Warm is what took about the same three times in a row; at the latest after so many samples or so long. */
const STEADY = 0.1;
const MAX_SAMPLES = 12;
const LONG_MS = 8000;

/** Wall time of so many pieces of work, in milliseconds. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs a task until it is warm.
 *
 * @param leastMs how long at the least, for code and kernels that faster ones replace in the background
 * @returns how many pieces make a sample, and how long such a sample takes in milliseconds
 */
export async function warmUp(task: Task, leastMs = 0): Promise<{ times: number; sample: number }> {
  const begin = performance.now();
  let times = task.piecesOfCall ?? 1;
  let recent: number[] = [];
  const elapsed = () => performance.now() - begin;
  const isLate = () => recent.length >= MAX_SAMPLES || elapsed() >= LONG_MS;
  while (recent.length === 0 || elapsed() < leastMs || (!isSteady(recent) && !isLate())) {
    const took = await timed(() => task.run(times));
    // Also when the compiler has only now made the code fast.
    const isShort = took < SAMPLE_MS && times < MAX_TIMES;
    if (isShort) times *= 2;
    recent = isShort ? [] : [...recent, took];
  }
  return { times, sample: quantile(recent.slice(-3), 0.5) };
}

function isSteady(samples: readonly number[]): boolean {
  const last = samples.slice(-3);
  return last.length === 3 && Math.max(...last) - Math.min(...last) <= STEADY * Math.max(...last);
}
