import type { Compiled } from '../execution/compiled.ts';
import type { Journal } from '../execution/journal.ts';
import type { Logs } from '../execution/logs.ts';
import type { BoundProgram, Window } from './engine/bound-program.ts';

/** An update whose row of the journal has not been read yet. */
interface UnreadUpdate {
  /** The number under which it reports in the journal. */
  number: number;
  samples: number;
  window: Window;
}

/** The means of losses and metrics over the samples of an epoch's updates, for each model of a group. */
export class Means {
  /** The means of each model, as last read; empty before its first update. */
  readonly logs: Logs[];
  readonly #members: readonly MemberSums[];
  #unread: UnreadUpdate[] = [];

  /** @param isRunning which models make the updates; one that stops is left out once its updates so far have been read */
  constructor(
    members: readonly { compiled: Compiled }[],
    private readonly isRunning: readonly boolean[],
  ) {
    this.logs = members.map(() => ({}));
    this.#members = members.map(({ compiled }) => new MemberSums(compiled));
  }

  /** Notes an update to be read. */
  expect(update: UnreadUpdate): void {
    this.#unread.push(update);
  }

  /** The numbers of the first and the last update that have not been read. */
  get unread(): [first: number, last: number] {
    return [this.#unread[0].number, this.#unread.at(-1)!.number];
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
        for (const update of updates) sums.add(rows, (update.number - first) * columns + column, update);
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

  /** Notes an update to be read. Other runs may make updates between those of this one. */
  expect(means: Means, update: UnreadUpdate): void {
    if (this.#unread.at(-1) !== means) this.#unread.push(means);
    this.#bound.add(update.window.bound);
    means.expect(update);
  }

  /** Whether the journal must be read before more updates are sent. */
  get mustRead(): boolean {
    return this.#unread.length > 0 && this.journal.isFilling(this.#unread[0].unread[0]);
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

  add(rows: Float32Array, start: number, { samples, window }: UnreadUpdate): void {
    const { share = 1, firstStep } = window;
    if (share < 1) this.#addWindowLoss(rows, start, window);
    else this.#sums[0] += rows[start];
    // Both sums of a metric are means over the steps of the update.
    for (let column = 1; column < this.columns; column++) this.#sums[column] += share * rows[start + column];
    if (firstStep === 0) this.#samples += samples;
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
