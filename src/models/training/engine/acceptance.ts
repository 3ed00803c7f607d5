/** Tells a run whether the device accepted its updates, which is known only some time after they were submitted. */
export class Acceptance {
  #all: Promise<void> = Promise.resolve();

  /** Notes a submit. */
  note(accepted: Promise<void>): void {
    this.#all = Promise.all([this.#all, accepted]).then(() => {});
    // The run awaits `settled` later; a failure before that must not count as unhandled.
    this.#all.catch(() => {});
  }

  /** Settles when the device has looked at all submits so far. @throws LimitError, ShaderError, once, if it refused one */
  async settled(): Promise<void> {
    const all = this.#all;
    this.#all = Promise.resolve();
    await all;
  }
}
