/** Between the first nudges, which are for work that is nearly done. */
const SOON_MS = 1;
const SOON_TIMES = 4;
/** Between all later ones; browsers hold timers in a row that far apart anyway. */
const LATER_MS = 4;

/**
 * Has the browser look sooner whether work is done. By itself Chrome looks when the work is sent and then every two
 * milliseconds, Firefox every hundred (POLL_TIME_MS in its WebGPUParent.cpp, bug 1870699), which is long beside a step of
 * a small model. But both look whenever something is submitted, so whoever waits submits nothing, again and again.
 * (Asking without a pause would be faster on an idle machine, and slower on a busy one, where the kernels themselves may
 * need the processor.)
 */
export class Nudge {
  #waiting = 0;
  /** Number of the latest loop of nudges: a new one ends the one before. */
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
    for (let time = 0; ; time++) {
      await new Promise((resolve) => setTimeout(resolve, time < SOON_TIMES ? SOON_MS : LATER_MS));
      if (this.#waiting === 0 || round !== this.#round) return;
      this.device.queue.submit([]);
    }
  }
}
