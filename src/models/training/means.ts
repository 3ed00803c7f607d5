import type { Compiled } from '../execution/compiled.ts';
import type { Journal } from '../execution/journal.ts';
import type { Logs } from '../execution/logs.ts';
import type { BoundProgram, Window } from './engine/bound-program.ts';

/** Consecutive updates that were queued. */
export interface PushedUpdates {
  /** The number under which the first of them reports in the journal. */
  number: number;
  count: number;
}

/** Consecutive updates whose rows of the journal have not been read yet. */
interface UnreadUpdates extends PushedUpdates {
  /** How many samples they have together. */
  samples: number;
  window: Window;
}

/** The means of losses and metrics over the samples of an epoch's updates, for each model of a group. */
export class Means {
  /** The means of each model, as last read; empty before its first update. */
  readonly logs: Logs[];
  readonly #members: readonly MemberSums[];
  #unread: UnreadUpdates[] = [];

  /** @param isRunning which models make the updates; one that stops is left out once its updates so far have been read */
  constructor(
    members: readonly { compiled: Compiled }[],
    private readonly isRunning: readonly boolean[],
  ) {
    this.logs = members.map(() => ({}));
    this.#members = members.map(({ compiled }) => new MemberSums(compiled));
  }

  /** Notes updates to be read. */
  expect(updates: UnreadUpdates): void {
    this.#unread.push(updates);
  }

  /** The numbers of the first and the last update that have not been read. */
  get unread(): [first: number, last: number] {
    const { number, count } = this.#unread.at(-1)!;
    return [this.#unread[0].number, number + count - 1];
  }

  /**
   * Adds all updates expected so far.
   *
   * @param rows of the journal, of so many columns each, from that of update `first` on
   */
  add(rows: Float32Array, first: number, columns: number): void {
    const updates = this.#unread;
    this.#unread = [];
    let column = 0;
    this.#members.forEach((sums, index) => {
      if (this.isRunning[index]) {
        for (const each of updates) sums.add(rows, (each.number - first) * columns + column, columns, each);
        this.logs[index] = sums.logs();
      }
      column += sums.columns;
    });
  }
}

/** Reads the means of epochs from the journal now and then. Many epochs may go by until somebody wants to know them. */
export class MeansReader {
  /** The epochs with updates that have not been read, in order. */
  #unread: Means[] = [];
  /** The programs that have made these updates. */
  readonly #bound = new Set<BoundProgram>();

  /** @param flush sends the updates that wait */
  constructor(
    private readonly journal: Journal,
    private readonly flush: () => Promise<void>,
  ) {}

  /** Notes updates to be read. Other runs may make updates between those of this one. */
  expect(means: Means, updates: UnreadUpdates): void {
    if (this.#unread.at(-1) !== means) this.#unread.push(means);
    this.#bound.add(updates.window.bound);
    means.expect(updates);
  }

  /** How many more updates may be sent before the journal must be read. */
  get room(): number {
    return this.journal.roomAfter(this.#unread.length > 0 ? this.#unread[0].unread[0] : this.journal.next);
  }

  /**
   * Sends the updates expected so far, and reads them.
   *
   * @throws LimitError, ShaderError if the device refused one of them; DisposedError, DeviceLostError
   */
  async read(): Promise<void> {
    await this.flush();
    const unread = this.#unread;
    if (unread.length === 0) return;
    this.#unread = [];
    const { journal } = this;
    const [first] = unread[0].unread;
    const [, last] = unread.at(-1)!.unread;
    const rows = await journal.read(first, last + 1);
    for (const means of unread) means.add(rows, first, journal.columns);
    const bound = [...this.#bound];
    this.#bound.clear();
    for (const { acceptance } of bound) await acceptance.settled();
  }
}

/** The sums over a model's rows of the journal so far, in float64. */
class MemberSums {
  readonly #sums: Float64Array;
  #samples = 0;
  /** The last batch, if its updates are windows of its steps; its loss is that of those read so far. */
  #windowed = { lossBefore: 0, weightedLoss: 0, steps: 0 };

  constructor(private readonly compiled: Compiled) {
    this.#sums = new Float64Array(compiled.journal.columns);
  }

  get columns(): number {
    return this.#sums.length;
  }

  /**
   * @param start the element at which the columns of the first update begin
   * @param stride elements from one update to the next
   */
  add(rows: Float32Array, start: number, stride: number, { count, samples, window }: UnreadUpdates): void {
    const { share = 1, firstStep } = window;
    const sums = this.#sums;
    if (firstStep === 0) this.#samples += samples;
    for (let column = 0; column < sums.length; column++) {
      if (column === 0 && share < 1) {
        this.#addWindowLoss(rows, start, window);
        continue;
      }
      let sum = sums[column];
      // Both sums of a metric are means over the steps of the update.
      for (let n = 0; n < count; n++) sum += share * rows[start + n * stride + column];
      sums[column] = sum;
    }
  }

  /** The loss of a batch is the mean over all of its steps that count, of which its windows may have different numbers. */
  #addWindowLoss(rows: Float32Array, start: number, { bound, firstStep, share = 1 }: Window): void {
    if (firstStep === 0) this.#windowed = { lossBefore: this.#sums[0], weightedLoss: 0, steps: 0 };
    const windowed = this.#windowed;
    const steps = bound.program.countsSteps ? rows[start + this.compiled.stepsColumn] : share;
    windowed.weightedLoss += steps * rows[start];
    windowed.steps += steps;
    this.#sums[0] = windowed.lossBefore + (windowed.steps === 0 ? 0 : windowed.weightedLoss / windowed.steps);
  }

  logs(): Logs {
    return this.compiled.logs(this.#sums, this.#samples);
  }
}

/** The logs of validation under the names that they have beside those of training: `loss` becomes `valLoss`. */
export function validationLogs(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [`val${name[0].toUpperCase()}${name.slice(1)}`, value]),
  );
}
