import type { Gpu } from './gpu.ts';
import type { Plan } from './plan.ts';

/** A sample takes about so long, so that submitting and waiting weigh little. */
const SAMPLE_MS = 4;
const MOST_REPEATS = 64;

/** Samples of each plan, taken in turn. */
const ROUNDS = 5;

/** A plan that takes so long needs no second sample. */
const LONG_MS = 100;

/** What is so much slower than the fastest in its first sample is timed no further. */
const HOPELESS = 1.5;

/**
 * Times plans that do the same work, in turn, sample by sample.
 *
 * @returns the median milliseconds of one replay of each
 */
export async function timePlans(gpu: Gpu, plans: readonly Plan[]): Promise<number[]> {
  await Promise.all(plans.map((plan) => plan.ready()));
  const once: number[] = [];
  for (const plan of plans) {
    // The first replay warms caches up, which in a long one do not count.
    const first = await timeReplays(gpu, plan, 1);
    once.push(first > LONG_MS ? first : await timeReplays(gpu, plan, 1));
  }
  const fastest = Math.min(...once);
  if (fastest > LONG_MS) return once;
  const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.round(SAMPLE_MS / fastest)));
  const samples = once.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, plan] of plans.entries()) {
      if (once[index] <= HOPELESS * fastest) samples[index].push((await timeReplays(gpu, plan, repeats)) / repeats);
    }
  }
  return samples.map((taken, index) => (taken.length > 0 ? median(taken) : once[index]));
}

async function timeReplays(gpu: Gpu, plan: Plan, times: number): Promise<number> {
  const start = performance.now();
  gpu.submit('rehearsal', (pass) => {
    for (let replay = 0; replay < times; replay++) plan.encode(pass, 0);
  });
  await gpu.settled();
  return performance.now() - start;
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)];
}
