const EVERY_MS = 1;
/** Browsers hold the fifth timer in a row back; and whoever waited so long can wait for Chrome's own next look. */
const TIMES = 4;

/**
 * Has Chrome look sooner whether work is done. By itself it looks when the work is sent and then every two milliseconds,
 * which is long beside a step of a small model; but it looks too whenever a page tells the device something. So whoever
 * waits tells it something without effect. (Asking without a pause would be faster on an idle machine, and slower on a
 * busy one, where the kernels themselves may need the processor.)
 */
export class Nudge {
  #waiting = 0;
  /** Of nudges: a new one ends the one before, whose work is done. */
  #round = 0;

  constructor(private readonly device: GPUDevice) {}

  /** Settles as the work does. */
  async until<T>(work: Promise<T>): Promise<T> {
    this.#waiting++;
    if (this.#waiting === 1) void this.#nudge(++this.#round);
    try {
      return await work;
    } finally {
      this.#waiting--;
    }
  }

  async #nudge(round: number): Promise<void> {
    for (let time = 0; time < TIMES; time++) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      // With more than one waiting, new work tells the device enough.
      if (this.#waiting !== 1 || round !== this.#round) return;
      this.device.pushErrorScope('validation');
      this.device.popErrorScope().catch(() => {});
    }
  }
}
