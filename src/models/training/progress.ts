/** The progress of a `fit` or an `evaluate`, reported at most four times a second, and at its end. */
export interface Progress {
  /**
   * `'compiling'` until the kernels have compiled, and on a GPU have been tuned, which is reported as soon as the call has its
   * turn; then `'training'`, or `'evaluating'` during `evaluate` and during validation.
   */
  phase: 'compiling' | 'training' | 'evaluating';
  /** While compiling: how many kernels have compiled. */
  compiled?: number;
  /** While compiling: how many kernels are known to be needed so far, those included that have compiled. */
  kernels?: number;
  /** The number of the epoch, counted from 0. */
  epoch: number;
  epochs: number;
  /** Batches of this epoch that are done, without those of its validation. */
  batch: number;
  /** Absent while an iterable has not told its length, which is known at the latest after the first epoch. */
  batches?: number;
  /** Means over this epoch so far; absent while compiling. */
  loss?: number;
  accuracy?: number;
  /** Batches in a second, since the kernels have compiled; absent until then. */
  updatesPerSecond?: number;
  /** The estimated rest of the run in seconds, from its speed since the first report of batches; absent until the second. */
  remainingSeconds?: number;
}

/** The position of a run in its data. */
export type Position = Pick<Progress, 'phase' | 'epoch' | 'epochs' | 'batch' | 'batches'>;

/** The progress of a run without its means. */
export type Pace = Omit<Progress, 'loss' | 'accuracy'>;

/** Milliseconds between two reports. */
export const REPORT_INTERVAL = 250;

/** A moment, and how many batches were done then. */
interface Measurement {
  at: number;
  done: number;
}

/** Tells when the next report is due, and how fast the run is. */
export class ProgressClock {
  readonly #start: Measurement = { at: performance.now(), done: 0 };
  /** The first report: what was done before it may have waited for compilation. */
  #first?: Measurement;
  #last = this.#start.at;

  /** @param total batches of the whole run, tests included, if they are known by now */
  constructor(private readonly total: () => number | undefined) {}

  isDue(): boolean {
    return performance.now() - this.#last >= REPORT_INTERVAL;
  }

  /** The position of the run with its speed so far. Counts as a report. */
  pace(done: number, position: Position): Pace {
    const now = { at: performance.now(), done };
    this.#last = now.at;
    this.#first ??= now;
    return {
      ...position,
      updatesPerSecond: perSecond(this.#start, now),
      remainingSeconds: this.#remainingSeconds(this.#first, now),
    };
  }

  #remainingSeconds(first: Measurement, now: Measurement): number | undefined {
    const total = this.total();
    if (total === undefined) return undefined;
    // An iterable may give more batches than the length it has.
    if (total <= now.done) return 0;
    const speed = perSecond(first, now);
    return speed === undefined ? undefined : (total - now.done) / speed;
  }
}

/** Batches in a second between two moments; unknown if the clock has not moved, or no batch was done. */
function perSecond(from: Measurement, to: Measurement): number | undefined {
  const [batches, milliseconds] = [to.done - from.done, to.at - from.at];
  return batches > 0 && milliseconds > 0 ? (batches / milliseconds) * 1000 : undefined;
}
