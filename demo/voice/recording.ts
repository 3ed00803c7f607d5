import { CHUNK, CHUNKS_PER_SECOND } from './sound.ts';

/** The loudest samples that are kept of a chunk, one of each part of it. */
export const LEVELS_PER_CHUNK = 4;

/** Heard chunks: how loud they are, what the detector said, and how long that took. */
export class Recording {
  readonly levels: number[] = [];
  readonly probabilities: number[] = [];
  /** The time that the detector took for all of them. */
  computed = 0;

  /** The seconds of sound. */
  get seconds(): number {
    return this.probabilities.length / CHUNKS_PER_SECOND;
  }

  /** The time that the detector takes for a second of sound; `undefined` before it has heard any. */
  get realTimeFactor(): number | undefined {
    return this.seconds === 0 ? undefined : this.computed / this.seconds;
  }

  /**
   * @param samples whole chunks
   * @param probabilities one for each
   * @param seconds that they took
   */
  add(samples: Float32Array, probabilities: readonly number[], seconds: number): void {
    const part = CHUNK / LEVELS_PER_CHUNK;
    for (let first = 0; first < probabilities.length * CHUNK; first += part) {
      let loudest = 0;
      for (let n = first; n < first + part; n++) loudest = Math.max(loudest, Math.abs(samples[n]));
      this.levels.push(loudest);
    }
    this.probabilities.push(...probabilities);
    this.computed += seconds;
  }
}
