import type { Gpu } from '../gpu.ts';
import type { Plan } from '../plan.ts';
import { costModel, TOO_SLOW, LONG_REPLAY_MS, SAMPLES, MAX_TASK_MS, type Timing } from './cost-model.ts';

/** The most replays in a sample. */
const MAX_REPEATS = 4096;

/** The least clock ticks in a sample, since each of its ends may be off by one. */
const MIN_TICKS = 8;

/** How often the clock is read before it counts as standing still: first without pauses, then with a pause before each. */
const CLOCK_READS = 20_000;
const PAUSED_CLOCK_READS = 50;
const PAUSE_MS = 1;

/** How often the wait for an idle queue is timed; the shortest counts. */
const IDLE_WAITS = 5;

/** Times plans, by a clock that may be coarse and a GPU whose end of work may be noticed late. */
export class Stopwatch {
  readonly #timing: Timing;
  /** The shortest sample whose error by the clock ticks is small enough. */
  readonly #leastMs: number;

  private constructor(
    private readonly gpu: Gpu,
    tick: number,
  ) {
    this.#timing = costModel(gpu).timing;
    this.#leastMs = MIN_TICKS * tick;
  }

  /** Makes a stopwatch, or nothing where the clock stands still, or where the end of work is noticed too late. */
  static async make(gpu: Gpu): Promise<Stopwatch | undefined> {
    const tick = await clockTick();
    if (tick === undefined) return undefined;
    const coarsest = Math.max(tick, await idleWait(gpu, tick));
    return MIN_TICKS * coarsest < MAX_TASK_MS / 4 ? new Stopwatch(gpu, coarsest) : undefined;
  }

  /**
   * Times plans that do the same work, in turn, sample by sample.
   *
   * @returns the median milliseconds of one replay of each; Infinity for plans that there was no time to measure
   */
  async time(plans: readonly Plan[]): Promise<number[]> {
    const { warmUpMs, sampleMs, samplesToJudge } = this.#timing;
    const start = performance.now();
    const isOver = () => performance.now() - start > MAX_TASK_MS;
    const isCold = () => performance.now() - start < warmUpMs;
    for (let repeats = 1; isCold() && repeats <= MAX_REPEATS; repeats *= 2) {
      for (const plan of plans) if (isCold()) await this.#replay(plan, repeats);
    }
    const times: number[] = [];
    for (const plan of plans) times.push(isOver() ? Infinity : await this.#firstTime(plan, isOver));
    if (Math.min(...times) > LONG_REPLAY_MS) return times;
    const sample = Math.max(sampleMs, this.#leastMs);
    const repeats = times.map((time) => Math.max(1, Math.min(MAX_REPEATS, Math.round(sample / time))));
    const samples = plans.map((): number[] => []);
    const isWorthIt = (index: number) =>
      samples[index].length < samplesToJudge || times[index] <= TOO_SLOW * Math.min(...times);
    for (let round = 0; round < SAMPLES; round++) {
      const order = [...plans.entries()].filter(([index]) => times[index] < Infinity && isWorthIt(index));
      // The order alternates, so that a drift of the clock rate, for instance, does not favour some of the plans.
      for (const [index, plan] of round % 2 === 0 ? order : order.toReversed()) {
        if (isOver()) return times;
        samples[index].push((await this.#replay(plan, repeats[index])) / repeats[index]);
        times[index] = median(samples[index]);
      }
    }
    return times;
  }

  /** How long a replay takes, as a mean over as many replays as the clock needs to show a difference. */
  async #firstTime(plan: Plan, isOver: () => boolean): Promise<number> {
    // The first replay warms up caches, and does not count unless it is so long that this does not matter.
    const first = await this.#replay(plan, 1);
    if (first > Math.max(LONG_REPLAY_MS, this.#leastMs)) return first;
    for (let repeats = 1; repeats <= MAX_REPEATS && !isOver(); repeats *= 2) {
      const took = await this.#replay(plan, repeats);
      if (took > 0 && took >= this.#leastMs) return took / repeats;
    }
    return Infinity;
  }

  async #replay(plan: Plan, times: number): Promise<number> {
    const start = performance.now();
    const { accepted } = this.gpu.watch('benchmark', () =>
      this.gpu.submit('benchmark', (pass) => {
        for (let replay = 0; replay < times; replay++) plan.encode(pass, 0);
      }),
    );
    await this.gpu.settled();
    const took = performance.now() - start;
    await accepted;
    // Waiting for a lost device ends at once, which would count as very fast.
    this.gpu.assertUsable('benchmark');
    return took;
  }
}

/** The resolution of `performance.now` in milliseconds; nothing if the clock stands still. */
async function clockTick(): Promise<number | undefined> {
  const readings = new Set([performance.now()]);
  for (let read = 0; read < CLOCK_READS && readings.size < 3; read++) readings.add(performance.now());
  for (let read = 0; read < PAUSED_CLOCK_READS && readings.size < 3; read++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    readings.add(performance.now());
  }
  const [, first, second] = readings;
  return second > first ? second - first : undefined;
}

/** The least milliseconds from submitting nothing until the runtime reports that the queue is idle. */
async function idleWait(gpu: Gpu, enough: number): Promise<number> {
  let least = Infinity;
  // Browsers poll the queue at intervals. The first wait may be for work, and ends with a poll, so that each later one measures
  // a whole interval.
  await gpu.settled();
  for (let wait = 0; wait < IDLE_WAITS && least > enough; wait++) {
    const start = performance.now();
    await gpu.settled();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)];
}
