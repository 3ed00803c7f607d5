import { RATE } from './sound.ts';

/** How many zero crossings of the filter lie on either side of its middle: more cut off sharper, and take longer. */
const CROSSINGS = 16;

/** The band that is let through ends a little below half of the lower rate, so that the filter has room to fall. */
const PASSED = 0.94;

/** So many values of the filter are kept for each sample of the input; those between are interpolated. */
const PHASES = 64;

/** Brings a sound of any rate, as it comes, to the rate of the detector. Frequencies for which that is too low are left out. */
export class Resampler {
  /** How many samples of the input lie between two of the output. */
  readonly #step: number;
  /** How many samples of the input the filter reaches to either side. */
  readonly #half: number;
  /** The right half of the filter, from its middle outwards. */
  readonly #filter: Float64Array;
  /** The input that outputs to come still need, and where the next output lies in it. */
  #kept: Float32Array<ArrayBuffer>;
  #position: number;

  /** @param rate samples a second of what comes */
  constructor(rate: number) {
    this.#step = rate / RATE;
    // In cycles a sample of the input.
    const cut = (PASSED * Math.min(1, 1 / this.#step)) / 2;
    const half = Math.ceil(CROSSINGS / (2 * cut));
    this.#half = half;
    this.#filter = Float64Array.from({ length: half * PHASES + 2 }, (_, n) => weightAt(n / PHASES, cut, half));
    // Silence before the first sample.
    this.#kept = new Float32Array(this.#half);
    this.#position = this.#half;
  }

  /** @returns the samples for which enough has come by now: the end of the input waits for what follows it */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    const input = new Float32Array(this.#kept.length + samples.length);
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    const output: number[] = [];
    while (this.#position + this.#half < input.length) {
      output.push(this.#at(input, this.#position));
      this.#position += this.#step;
    }
    const dropped = Math.max(0, Math.floor(this.#position) - this.#half);
    this.#kept = input.slice(dropped);
    this.#position -= dropped;
    return Float32Array.from(output);
  }

  /** The sound between samples: those around, weighted by the filter. */
  #at(input: Float32Array, position: number): number {
    const filter = this.#filter;
    const last = Math.floor(position + this.#half);
    let [sum, weights] = [0, 0];
    for (let n = Math.max(0, Math.ceil(position - this.#half)); n <= last; n++) {
      const phase = Math.abs(n - position) * PHASES;
      const below = Math.floor(phase);
      const weight = filter[below] + (phase - below) * (filter[below + 1] - filter[below]);
      sum += weight * input[n];
      weights += weight;
    }
    return sum / weights;
  }
}

/** A sinc, which lets through what is below a frequency, ended by the window of Hann. */
function weightAt(away: number, cut: number, half: number): number {
  if (away >= half) return 0;
  const turn = 2 * Math.PI * cut * away;
  return (turn === 0 ? 1 : Math.sin(turn) / turn) * Math.cos((Math.PI * away) / (2 * half)) ** 2;
}
