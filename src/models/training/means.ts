import type { Logs } from './callbacks.ts';
import type { Compiled } from './compile.ts';

/** The means of losses and metrics over the samples of many updates, read from the journal now and then. */
export class Means {
  /** As last read. */
  logs: Logs = {};
  readonly #sums: Float64Array;
  #samples = 0;
  #read: number;
  readonly #sizes: number[] = [];

  /** Starts with the next update. */
  constructor(private readonly compiled: Compiled) {
    this.#sums = new Float64Array(compiled.journal.columns);
    this.#read = compiled.journal.next;
  }

  /** Counts an update of so many samples in. */
  expect(samples: number): void {
    this.#sizes.push(samples);
  }

  /** Whether the journal must be read before more updates are sent. */
  get mustRead(): boolean {
    return this.compiled.journal.isFilling(this.#read);
  }

  /** Reads the updates expected so far, which must have been submitted. */
  async read(): Promise<Logs> {
    const { journal, names } = this.compiled;
    const sizes = this.#sizes.splice(0);
    const first = this.#read;
    this.#read += sizes.length;
    const rows = await journal.read(first, this.#read);
    for (let row = 0; row < sizes.length; row++) {
      for (let column = 0; column < names.length; column++) this.#sums[column] += rows[row * names.length + column];
      this.#samples += sizes[row];
    }
    if (this.#samples === 0) return this.logs;
    this.logs = Object.fromEntries(names.map((name, column) => [name, this.#sums[column] / this.#samples]));
    return this.logs;
  }
}

/** The logs of validation as they stand beside those of training: `loss` as `valLoss`. */
export function validationLogs(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [`val${name[0].toUpperCase()}${name.slice(1)}`, value]),
  );
}
