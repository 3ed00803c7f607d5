import type { Logs } from '../execution/logs.ts';

/** How far a run is; reported at most four times a second within an epoch, and after every epoch. */
export interface Progress {
  /** From 0. */
  epoch: number;
  epochs: number;
  /** Batches of this epoch that are done. */
  batch: number;
  batches: number;
  /** Means over this epoch so far. */
  loss: number;
  accuracy?: number;
  /** Batches in a second, since the run began. */
  updatesPerSecond: number;
  /** Estimated from the pace so far. */
  remainingSeconds: number;
}

/** Milliseconds between two reports. */
const INTERVAL = 250;

/** Knows when a report is due, and how long the rest will take. */
export class ProgressClock {
  readonly #started = performance.now();
  #last = performance.now();

  /** @param total batches of the whole run, tests included */
  constructor(private readonly total: number) {}

  isDue(): boolean {
    return performance.now() - this.#last >= INTERVAL;
  }

  /** What is to be reported now. */
  progress(done: number, place: Pick<Progress, 'epoch' | 'epochs' | 'batch' | 'batches'>, logs: Logs): Progress {
    this.#last = performance.now();
    const perSecond = (done / (this.#last - this.#started)) * 1000;
    return {
      ...place,
      ...(logs as { loss: number }),
      updatesPerSecond: perSecond,
      remainingSeconds: (this.total - done) / perSecond,
    };
  }
}
