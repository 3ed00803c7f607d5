import type { Reading } from '../../../runtime/readback.ts';
import type { Journal } from '../../execution/journal.ts';

/** Rows of the journal that were read together, in one or two parts, and the element at which a report's row begins. */
interface Read {
  parts: Promise<ArrayBuffer[]>;
  start: number;
}

/** Reads an update's row of the journal. The rows of updates in one submit are read together. */
export class Report {
  readonly #read: Promise<Read>;
  /** Settles when the device accepts the submit of its update; the row may be read by a later submit. */
  #accepted?: Promise<void>;
  #settle!: (read: Read) => void;

  constructor(
    private readonly journal: Journal,
    private readonly number: number,
  ) {
    this.#read = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Prepares to read the rows of consecutive updates. */
  static prepare(reports: readonly Report[]): Reading {
    const { journal, number: first } = reports[0];
    return journal.prepare(first, reports.at(-1)!.number + 1);
  }

  /** Takes the rows from a reading of these reports, once that was submitted. */
  static settle(reports: readonly Report[], { result: parts }: Reading): void {
    const { journal, number: first } = reports[0];
    for (const report of reports) report.#settle({ parts, start: (report.number - first) * journal.columns });
  }

  /** Notes that its update was submitted. @param accepted settles when the device has accepted that */
  sent(accepted: Promise<void>): void {
    this.#accepted = accepted;
  }

  /** Whether it can be read together with these, as the row behind theirs. */
  follows(reports: readonly Report[]): boolean {
    const { journal, number } = reports.at(-1)!;
    return this.journal === journal && this.number === number + 1 && !journal.isFilling(reports[0].number);
  }

  /** The update's row of the journal. @throws whatever kept it from being sent or read (as a rejection) */
  async row(): Promise<Float32Array> {
    const { parts, start } = await this.#read;
    await this.#accepted;
    const [first, second] = (await parts).map((part) => new Float32Array(part));
    // The ring may have wrapped between two rows.
    const part = start < first.length ? first.subarray(start) : second.subarray(start - first.length);
    return part.subarray(0, this.journal.columns);
  }

  /** Rejects the row, if the update will not be sent or the row not be read. */
  fail(error: unknown): void {
    const parts = Promise.reject(error as Error);
    // The call that made the report awaits it; that it failed before must not count as unhandled.
    parts.catch(() => {});
    this.#settle({ parts, start: 0 });
  }
}
