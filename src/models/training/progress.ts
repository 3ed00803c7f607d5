/** The progress of a run, reported at most four times a second within an epoch, and after every epoch. */
export interface Progress {
  /** The number of the epoch, counted from 0. */
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
  /** The estimated rest of the run in seconds, from its speed so far. */
  remainingSeconds: number;
}

/** The position of a run in its data. */
export type Position = Pick<Progress, 'epoch' | 'epochs' | 'batch' | 'batches'>;

/** The progress of a run without its means. */
export type Pace = Position & Pick<Progress, 'updatesPerSecond' | 'remainingSeconds'>;

/** Milliseconds between two reports. */
const INTERVAL = 250;

/** Tells when the next report is due, and how fast the run is. */
export class ProgressClock {
  readonly #started = performance.now();
  #last = performance.now();

  /** @param total batches of the whole run, tests included */
  constructor(private readonly total: number) {}

  isDue(): boolean {
    return performance.now() - this.#last >= INTERVAL;
  }

  /** The position of the run with its speed so far. Counts as a report. */
  pace(done: number, position: Position): Pace {
    this.#last = performance.now();
    const updatesPerSecond = (done / (this.#last - this.#started)) * 1000;
    return { ...position, updatesPerSecond, remainingSeconds: (this.total - done) / updatesPerSecond };
  }
}
