import type { Reading } from '../../../runtime/readback.ts';
import type { Journal } from './journal.ts';

/** Brings back what one update has noted in the journal. Updates that go in one submit are read together, behind it. */
export class Report {
  /** The update's row of the journal. */
  readonly row: Promise<Float32Array>;
  #settle!: (row: Promise<Float32Array>) => void;

  constructor(
    private readonly journal: Journal,
    private readonly number: number,
  ) {
    this.row = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // The call that made it awaits it; that it failed before must not count as unhandled.
    this.row.catch(() => {});
  }

  /** Prepares to read the rows of consecutive updates. */
  static readingOf(reports: readonly Report[]): Reading {
    const { journal, number: first } = reports[0];
    const { columns } = journal;
    const reading = journal.prepare(first, reports.at(-1)!.number + 1);
    const rows = reading.result.then((pieces) => pieces.map((piece) => new Float32Array(piece)));
    for (const report of reports) {
      const start = (report.number - first) * columns;
      report.#settle(rows.then((parts) => rowAt(parts, start, columns)));
    }
    return reading;
  }

  /** Whether it can be read together with these. */
  isBehind(reports: readonly Report[]): boolean {
    const { journal, number } = reports.at(-1)!;
    return this.journal === journal && this.number === number + 1 && !journal.isFilling(reports[0].number);
  }

  /** The update will not be sent, or its report not be read. */
  fail(error: unknown): void {
    this.#settle(Promise.reject(error));
  }
}

/** A row that lies in one of two parts, since the ring may have wrapped between two rows. */
function rowAt([first, second]: readonly Float32Array[], start: number, columns: number): Float32Array {
  const part = start < first.length ? first.subarray(start) : second.subarray(start - first.length);
  return part.subarray(0, columns);
}
