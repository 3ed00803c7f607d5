import type { Logs } from '../execution/logs.ts';
import type { Journal } from '../execution/journal.ts';

/**
 * The means of losses and metrics over the samples of many updates, read from the journal now and then.
 *
 * @typeParam L what they are told as: logs, or those of several models
 */
export class Means<L = Logs> {
  readonly #sums: Float64Array;
  #samples = 0;
  /** Updates not read yet: their numbers, and how many samples each has. */
  #unread: { number: number; samples: number }[] = [];

  /**
   * @param logs as last read; at first those of nothing
   * @param toLogs out of sums over columns of the journal, and the number of samples
   */
  constructor(
    private readonly journal: Journal,
    public logs: L,
    private readonly toLogs: (sums: Float64Array, samples: number) => L,
  ) {
    this.#sums = new Float64Array(journal.columns);
  }

  /** Counts an update in. Other runs may have updates between those of this one. */
  expect(number: number, samples: number): void {
    this.#unread.push({ number, samples });
  }

  /** Whether the journal must be read before more updates are sent. */
  get mustRead(): boolean {
    return this.#unread.length > 0 && this.journal.isFilling(this.#unread[0].number);
  }

  /** Reads the updates expected so far, which must have been submitted. */
  async read(): Promise<L> {
    const { journal } = this;
    const { columns } = journal;
    const updates = this.#unread;
    this.#unread = [];
    if (updates.length === 0) return this.logs;
    const first = updates[0].number;
    const rows = await journal.read(first, updates.at(-1)!.number + 1);
    for (const { number, samples } of updates) {
      const start = (number - first) * columns;
      for (let column = 0; column < columns; column++) this.#sums[column] += rows[start + column];
      this.#samples += samples;
    }
    this.logs = this.toLogs(this.#sums, this.#samples);
    return this.logs;
  }
}

/** The logs of validation as they stand beside those of training: `loss` as `valLoss`. */
export function validationLogs(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [`val${name[0].toUpperCase()}${name.slice(1)}`, value]),
  );
}
