import { adam, dense, lstm, sequential, type Gpu, type Model } from '../../../src/index.ts';
import { random } from '../../experiments/data/random.ts';
import { AHEAD, SEATS, SEED, STREAMS, TRAINING, UNITS } from '../../lab/streams/plan.ts';
import { drawWave, goOnOtherwise, valueAt, type Wave } from '../../lab/streams/waves.ts';
import { type CompilingNews, tellCompiling } from './compiling.ts';
import type { JobContext } from './job-context.ts';

export interface StreamsOptions {
  /** The least time between two steps. */
  stepMs: number;
}

/** A wish of the reader about the stream in a seat. */
export type StreamWish =
  | { does: 'reset' | 'freeze' | 'thaw'; seat: number }
  /** The stream that has the other seat is closed for it. */
  | { does: 'fork'; seat: number; into: number };

export interface StreamsNews extends CompilingNews {
  /** The share of the training that is done. */
  trained?: number;
  /** The unit of the network whose h moves its forecasts most. */
  unit?: number;
  step?: StreamsStep;
}

/** The results of a step. */
export interface StreamsStep {
  /** The seats of the streams that were pushed. */
  seats: Uint16Array;
  /** h of each of these streams, [streams, units]. */
  h: Float32Array;
  /** The value that each heard, and its forecast of a later one. */
  heard: Float32Array;
  forecasts: Float32Array;
  /** How long the pushes took, until all results were there. */
  ms: number;
}

/** The network that streams go through, and the head that makes forecasts of its outputs. */
interface Forecaster {
  gpu: Gpu;
  model: Model;
  head: { kernel: Float32Array; bias: number };
}

type OpenStream = ReturnType<Model['openStream']>;

let kept: Forecaster | undefined;

/** Pushes a thousand streams at once, a step each, until it is stopped. */
export async function streams(context: JobContext<StreamsNews>, { stepMs }: StreamsOptions): Promise<void> {
  const { gpu, signal, tell } = context;
  if (kept?.gpu !== gpu) kept = { gpu, ...(await trained(context)) };
  const { head } = kept;
  tell({ unit: largest(head.kernel) });
  const seats = new Seats(kept.model);
  context.onMessage = (wish) => seats.grant(wish as StreamWish);
  try {
    while (!signal.aborted) {
      const begun = performance.now();
      tell({ step: await seats.step(head) });
      await new Promise((resolve) => setTimeout(resolve, begun + stepMs - performance.now()));
    }
  } finally {
    seats.close();
  }
}

/** A stream in its place, and the wave that it hears. */
interface Seat {
  stream: OpenStream;
  wave: Wave;
  /** The next step of the wave. */
  step: number;
  isFrozen: boolean;
}

class Seats {
  readonly #seats: (Seat | undefined)[] = Array.from({ length: SEATS });
  readonly #next = random(SEED);

  constructor(private readonly model: Model) {
    for (let seat = 0; seat < STREAMS; seat++) {
      const stream = model.openStream();
      this.#seats[seat] = { stream, wave: drawWave(this.#next), step: 0, isFrozen: false };
    }
  }

  grant(wish: StreamWish): void {
    const seat = this.#seats[wish.seat];
    if (!seat) return;
    if (wish.does === 'reset') seat.stream.reset();
    else if (wish.does === 'fork') this.#fork(seat, wish.into);
    else seat.isFrozen = wish.does === 'freeze';
  }

  /** The fork has the same state and hears another wave from now on. */
  #fork({ stream, wave, step }: Seat, into: number): void {
    this.#seats[into]?.stream.close();
    const other = goOnOtherwise(wave, step, this.#next);
    this.#seats[into] = { stream: stream.fork(), wave: other, step, isFrozen: false };
  }

  async step({ kernel, bias }: Forecaster['head']): Promise<StreamsStep> {
    const moving = [...this.#seats.entries()].filter(([, seat]) => seat && !seat.isFrozen) as [number, Seat][];
    const heard = Float32Array.from(moving, ([, { wave, step }]) => valueAt(wave, step));
    for (const [, seat] of moving) seat.step++;
    const begun = performance.now();
    const outputs = await this.model.pushAll(moving.map(([, { stream }], n) => [stream, heard[n]]));
    const ms = performance.now() - begun;
    const h = new Float32Array(moving.length * UNITS);
    outputs.forEach(({ data }, n) => h.set(data, n * UNITS));
    const forecasts = Float32Array.from(outputs, ({ data }) =>
      data.reduce((sum, value, unit) => sum + value * kernel[unit], bias),
    );
    return { seats: Uint16Array.from(moving, ([seat]) => seat), h, heard, forecasts, ms };
  }

  close(): void {
    for (const seat of this.#seats) seat?.stream.close();
  }
}

/** Trains a network to say how a wave goes on. @returns its layer that keeps the state, with room for streams, and its head */
async function trained({ gpu, signal, tell }: JobContext<StreamsNews>): Promise<Omit<Forecaster, 'gpu'>> {
  const { waves, timesteps, batchSize, epochs, learningRate } = TRAINING;
  const layer = { units: UNITS, returnSequences: true };
  const learner = await sequential(gpu, {
    inputShape: [timesteps, 1],
    layers: [lstm(layer), dense({ units: 1 })],
    seed: SEED,
  });
  try {
    learner.compile({ optimizer: adam({ learningRate }), loss: 'meanSquaredError' });
    const next = random(SEED + 1);
    const drawn = Array.from({ length: waves }, () => drawWave(next));
    const steps = (first: number) =>
      drawn.map((wave) => Array.from({ length: timesteps }, (_, step) => [valueAt(wave, first + step)]));
    await learner.fit(steps(0), steps(AHEAD), {
      batchSize,
      epochs,
      signal,
      onProgress(progress) {
        tellCompiling(progress, tell);
        if (progress.phase === 'training') tell({ trained: (progress.epoch + 1) / epochs });
      },
    });
    const [kernel, recurrentKernel, bias, headKernel, headBias] = await learner.getWeights();
    const model = await sequential(gpu, {
      inputShape: [null, 1],
      slots: SEATS,
      layers: [lstm({ ...layer, stateful: true })],
      weights: [kernel, recurrentKernel, bias],
    });
    return { model, head: { kernel: headKernel.data, bias: headBias.data[0] } };
  } finally {
    learner.dispose();
  }
}

function largest(kernel: Float32Array): number {
  return kernel.reduce((best, value, unit) => (Math.abs(value) > Math.abs(kernel[best]) ? unit : best), 0);
}
