/** Pause before each of the first nudges, and how many there are: they are for work that is nearly done. */
const SOON_MS = 1;
const SOON_TIMES = 4;
/** Pause before each later nudge: browsers delay nested timers to this anyway. */
const LATER_MS = 4;

/**
 * Makes the browser notice sooner that GPU work is done. By itself Chrome polls at submission and then every two milliseconds,
 * Firefox every hundred (POLL_TIME_MS in its WebGPUParent.cpp, bug 1870699), which is long beside a step of a small model. But
 * both poll at every submission, so while somebody waits, empty submissions are made. (Without pauses between them this would
 * be faster on an idle machine, and slower on a busy one, where the kernels themselves may need the CPU.)
 */
export class Nudge {
  #waiting = 0;
  /** The number of the latest loop of nudges; a loop ends when a newer one has begun. */
  #round = 0;

  constructor(private readonly device: GPUDevice) {}

  /** Settles as `work` does, with nudges until then. */
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
