import { Frames } from '../../../runtime/frames.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { StructArray } from '../../../runtime/struct.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import { residentUpdateStruct, runStruct } from '../../../shaders/resident/resident-updates.ts';
import { rowsOf, type Agenda, type AgendaEntries, type AgendaSteps, type ModelEntries } from '../agenda.ts';

/** Upper bound of the updates of one dispatch; `UpdateQueue` chooses how many by measuring how long they take. */
const MAX_UPDATES = 2048;
/** Upper bounds of entries and rows, so that a submit stays short and the agenda small where models have parts of their own. */
const MAX_ENTRIES = 131_072;
const MAX_ROWS = 131_072;

/** The highest bit of a row: its state is reset first. */
const RESET_BIT = 0x8000_0000;

/** No step: a step size of 0 changes nothing, and the epsilon keeps Adam from dividing 0 by 0. */
const NO_STEP = { ONE_MINUS_BETA1: 0, ONE_MINUS_BETA2: 0, EPSILON: 1 };

/**
 * The agenda of whole updates that run inside one kernel. An update has one entry if it is the same for all models, or one for
 * each of them, and a row is a single number. Models that have the same samples and resets share the rows, too.
 */
export class ResidentAgenda implements Agenda {
  readonly hasSeeds = false;
  readonly capacity: number;
  /** How many updates a submit has, and how many entries an update. */
  readonly run: Frames<keyof typeof runStruct.fields>;
  readonly updates: Tensor;
  readonly rows: Tensor;
  readonly #updateValues: StructArray<keyof typeof residentUpdateStruct.fields>;
  readonly #rowValues: Uint32Array<ArrayBuffer>;
  /** How many entries an update of the next submit has. */
  #entries = 1;
  /** How many rows of the next submit are written. */
  #written = 0;

  constructor(
    gpu: Gpu,
    private readonly batchSize: number,
    models: number,
  ) {
    this.capacity = this.capacityFor(models);
    const [shared, apart] = [this.capacityFor(1), models * this.capacity];
    const entries = Math.max(shared, apart);
    this.run = new Frames(gpu, 'agenda run', runStruct, 1);
    this.updates = Tensor.planned(gpu, 'agenda updates', [entries, residentUpdateStruct.size / 4]);
    this.#updateValues = new StructArray(residentUpdateStruct, entries);
    this.#rowValues = new Uint32Array(entries * batchSize);
    this.rows = Tensor.planned(gpu, 'agenda rows', [entries, batchSize]);
  }

  capacityFor(models: number): number {
    const most = Math.min(MAX_ENTRIES, Math.floor(MAX_ROWS / this.batchSize));
    return Math.max(1, Math.min(MAX_UPDATES, Math.floor(most / models)));
  }

  allocate(): void {
    this.run.allocate();
    this.updates.allocate();
    this.rows.allocate();
  }

  write(index: number, entries: AgendaEntries, from: number, count: number): void {
    const { models, rows } = entries;
    if (index === 0) this.#written = 0;
    this.#entries = models.length;
    let previous: ModelEntries | undefined;
    let firstRow = 0;
    models.forEach((model, number) => {
      const hasSameRows = model.samples === previous?.samples && model.resets === previous.resets;
      if (!hasSameRows) firstRow = this.#writeRows(model, from * rows, (from + count) * rows);
      previous = model;
      this.#writeModel(index, number, entries, { from, count, firstRow });
    });
  }

  /** Writes the rows of samples from one to before another. @returns the index of the first */
  #writeRows({ samples, resets }: ModelEntries, from: number, to: number): number {
    const rows = this.#rowValues;
    const first = this.#written;
    const count = Math.max(0, Math.min(to, samples.length) - from);
    for (let n = 0; n < count; n++) rows[first + n] = samples[from + n];
    if (resets) for (let n = 0; n < count; n++) if (resets[from + n] === 1) rows[first + n] |= RESET_BIT;
    this.#written += count;
    return first;
  }

  #writeModel(
    index: number,
    number: number,
    entries: AgendaEntries,
    { from, count, firstRow }: { from: number; count: number; firstRow: number },
  ): void {
    const { rows, journal, firstNumber, models } = entries;
    const model = models[number];
    const { adam = NO_STEP, sizes }: Partial<AgendaSteps> = model.steps ?? {};
    const { set } = this.#updateValues;
    for (let n = 0; n < count; n++) {
      const entry = (index + n) * models.length + number;
      set.first_row(entry, firstRow + n * rows);
      set.row_count(entry, rowsOf(entries, model, from + n));
      set.first_slot(entry, model.slots as number);
      set.journal_row(entry, journal?.row(firstNumber + from + n) ?? 0);
      set.step_size(entry, sizes ? sizes[from + n] : 0);
      set.one_minus_beta1(entry, adam.ONE_MINUS_BETA1);
      set.one_minus_beta2(entry, adam.ONE_MINUS_BETA2);
      set.epsilon(entry, adam.EPSILON);
    }
  }

  upload(count: number): void {
    this.run.set.count(0, count);
    this.run.set.entries(0, this.#entries);
    this.run.upload();
    this.updates.write(this.#updateValues.first(count * this.#entries));
    this.rows.write(this.#rowValues.subarray(0, this.#written));
  }

  get byteLength(): number {
    return this.run.byteLength + this.updates.byteLength + this.rows.byteLength;
  }

  dispose(): void {
    this.run.dispose();
    this.updates.dispose();
    this.rows.dispose();
  }
}
