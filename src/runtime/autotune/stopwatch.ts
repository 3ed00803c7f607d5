import type { Gpu } from '../gpu.ts';
import type { Plan } from '../plan.ts';
import { costModel, LONG_REPLAY_MS, MAX_TASK_MS, QUANTILE, SAMPLES, TOO_SLOW, type Timing } from './cost-model.ts';
import { Timestamps } from './timestamps.ts';

/** The most replays in a sample. */
const MAX_REPEATS = 4096;

/** The least clock ticks in a sample, since each of its ends may be off by one. */
const MIN_TICKS = 8;

/** How often the clock is read before it counts as standing still: first without pauses, then with a pause before each. */
const CLOCK_READS = 20_000;
const PAUSED_CLOCK_READS = 50;
const PAUSE_MS = 1;

/** The shortest interval of notices that is worth shifting samples against: a timer is no finer. */
const MIN_SHIFTED_MS = 1;

/** How often the wait for an idle queue is timed; the shortest counts. */
const IDLE_WAITS = 5;

/** The longest that a pass may have run by the page's clock if its timestamps say that it ran no time at all. */
const MAX_UNSEEN_MS = 50;

/**
 * Times plans, by timestamps where the device has them and otherwise by a clock that may be coarse and a GPU whose end of work
 * may be noticed late.
 */
export class Stopwatch {
  readonly #timing: Timing;
  /** Dropped for good once it tells what cannot be. */
  #timestamps: Timestamps | undefined;

  /**
   * @param tick of the clock in milliseconds
   * @param notice the milliseconds after which the end of work is noticed, or a tick if that is longer
   */
  private constructor(
    private readonly gpu: Gpu,
    private readonly tick: number,
    private readonly notice: number,
  ) {
    this.#timing = costModel(gpu).timing;
    this.#timestamps = Timestamps.of(gpu);
  }

  /** Makes a stopwatch, or nothing where the clock stands still, or where the end of work is noticed too late. */
  static async make(gpu: Gpu): Promise<Stopwatch | undefined> {
    const tick = await clockTick();
    if (tick === undefined) return undefined;
    const coarsest = Math.max(tick, await idleWait(gpu, tick));
    return MIN_TICKS * coarsest < MAX_TASK_MS / 4 ? new Stopwatch(gpu, tick, coarsest) : undefined;
  }

  dispose(): void {
    this.#timestamps?.dispose();
    this.#timestamps = undefined;
  }

  /**
   * Times plans that do the same work, in turn, sample by sample.
   *
   * @returns the milliseconds of one replay of each; Infinity for plans that there was no time to measure
   */
  async time(plans: readonly Plan[]): Promise<number[]> {
    const timestamps = this.#timestamps;
    const times = await this.#times(plans);
    return this.#timestamps === timestamps ? times : this.#times(plans);
  }

  async #times(plans: readonly Plan[]): Promise<number[]> {
    const { sampleMs, samplesToJudge } = this.#timing;
    const start = performance.now();
    const timestamps = this.#timestamps;
    const isOver = () => performance.now() - start > MAX_TASK_MS || this.#timestamps !== timestamps;
    await this.#warmUp(plans);
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
        await this.#shift(round / SAMPLES);
        samples[index].push((await this.#replay(plan, repeats[index])) / repeats[index]);
        times[index] = lowerQuartile(samples[index]);
      }
    }
    return times;
  }

  /** The shortest sample whose error by the clock's ticks is small enough. */
  get #leastMs(): number {
    return MIN_TICKS * (this.#timestamps ? Timestamps.TICK_MS : this.notice);
  }

  async #warmUp(plans: readonly Plan[]): Promise<void> {
    const start = performance.now();
    const isCold = () => performance.now() - start < this.#timing.warmUpMs;
    for (let repeats = 1; isCold() && repeats <= MAX_REPEATS; repeats *= 2) {
      for (const plan of plans) if (isCold()) await this.#replay(plan, repeats);
    }
  }

  /**
   * Waits for a part of the interval at which the end of work is noticed. Otherwise each sample of a plan would begin with a
   * notice and be rounded up to another one by the same time, which no number of samples would even out.
   */
  async #shift(part: number): Promise<void> {
    const ms = part * this.notice;
    if (!this.#timestamps && this.notice >= MIN_SHIFTED_MS) await new Promise((resolve) => setTimeout(resolve, ms));
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
    const encode = (pass: GPUComputePassEncoder) => {
      for (let replay = 0; replay < times; replay++) plan.encode(pass, 0);
    };
    const start = performance.now();
    const onGpu = this.#timestamps?.submit(encode);
    const accepted = onGpu ?? this.gpu.watch('benchmark', () => this.gpu.submit('benchmark', encode)).accepted;
    const encoding = performance.now() - start - this.tick;
    await (onGpu ?? this.gpu.settled());
    const took = performance.now() - start;
    const ran = await accepted;
    // Waiting for a lost device ends at once, which would count as very fast.
    this.gpu.assertUsable('benchmark');
    if (ran === undefined) return took;
    const isPossible = ran >= 0 && ran <= took + this.tick + Timestamps.TICK_MS && (ran > 0 || took < MAX_UNSEEN_MS);
    if (!isPossible) this.dispose();
    // Many short dispatches may run faster than they are encoded, and then encoding is what an update waits for.
    return Math.max(ran, encoding);
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

function lowerQuartile(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * QUANTILE)];
}
