/**
 * Estimates how long work still takes, from its second measurement on: the first one comes after preparations, such as
 * compiling kernels, which say nothing about its speed. No more does what is done while the clock stands still.
 */
export class RemainingTime {
  #first?: { fraction: number; seconds: number };

  /**
   * @param fraction of the work that is done, from 0 to 1
   * @param seconds on a clock that may have begun at any time
   */
  measure(fraction: number, seconds: number): number | undefined {
    if (!this.#first || this.#first.seconds === seconds) this.#first = { fraction, seconds };
    const done = fraction - this.#first.fraction;
    return done > 0 ? ((seconds - this.#first.seconds) * (1 - fraction)) / done : undefined;
  }
}
