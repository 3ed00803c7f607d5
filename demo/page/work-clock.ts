/** A clock that stands still between pieces of work. */
export class WorkClock {
  #seconds = 0;
  #last?: number;

  /** Lets it run on from now, and tells its time. */
  run(): number {
    const now = performance.now() / 1000;
    this.#seconds += now - (this.#last ?? now);
    this.#last = now;
    return this.#seconds;
  }

  /** Stops it; what passes until it runs again does not count. */
  stop(): void {
    this.#last = undefined;
  }
}
