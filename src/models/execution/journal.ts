import type { Gpu } from '../../runtime/gpu.ts';
import type { Piece, Reading } from '../../runtime/readback.ts';
import { Tensor } from '../../runtime/tensor.ts';

/** The default number of rows in the ring. Reports are read before half as many newer rows have been written. */
const CAPACITY = 32_768;

/**
 * The ring of rows in which updates report. Each update writes one row: the sum of its samples' losses, for each metric a
 * weighted sum and the sum of the weights, and if some steps are masked the number of those that are not. Nothing is
 * accumulated on the GPU; sums over many updates are taken on the CPU in float64.
 */
export class Journal {
  readonly tensor: Tensor;
  #next = 0;

  constructor(
    private readonly gpu: Gpu,
    /** The columns of a row: one for the loss, two for each metric, and one for steps. */
    readonly columns: number,
    /** The number of rows in the ring. */
    private readonly capacity = CAPACITY,
  ) {
    // Models of a `trainMany` share the journal of that, and never use their own.
    this.tensor = Tensor.planned(gpu, 'journal', [capacity, columns]);
  }

  /** The number of the next update, which equals the number of updates so far. */
  get next(): number {
    return this.#next;
  }

  /** Returns the number of the next update, and counts it, or so many that follow each other. */
  take(count = 1): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  /** The row that update `number` writes, which is overwritten `capacity` updates later. */
  row(number: number): number {
    return number % this.capacity;
  }

  /** Whether there are so many unread rows that they should be read before more updates are sent. */
  isFilling(firstUnread: number): boolean {
    return this.roomAfter(firstUnread) <= 0;
  }

  /** How many more updates may be sent before the rows from that of update `firstUnread` on are read. */
  roomAfter(firstUnread: number): number {
    return Math.floor(this.capacity / 2) - (this.#next - firstUnread);
  }

  /** Reads the rows of updates from `first` up to `end`, one after the other, after everything submitted so far. */
  async read(first: number, end: number): Promise<Float32Array> {
    if (this.#next - first > this.capacity) {
      throw new RangeError(`journal: the rows of updates ${first} to ${end} were overwritten before they were read.`);
    }
    const parts = await Promise.all(
      this.#parts(first, end).map(([from, to]) => this.tensor.read(from * this.columns, to * this.columns)),
    );
    const rows = new Float32Array((end - first) * this.columns);
    let filled = 0;
    for (const part of parts) {
      rows.set(part, filled);
      filled += part.length;
    }
    return rows;
  }

  /** Prepares to read these rows together with a submit: in two pieces if the ring wraps between them. */
  prepare(first: number, end: number): Reading {
    const { buffer, byteOffset } = this.tensor;
    const rowBytes = 4 * this.columns;
    const pieces = this.#parts(first, end).map(([from, to]): Piece => ({
      buffer,
      byteOffset: byteOffset + from * rowBytes,
      bytes: (to - from) * rowBytes,
    }));
    return this.gpu.readback.prepare(pieces);
  }

  /** The rows of the ring for updates from `first` up to `end`, as one or two parts [from, to). */
  #parts(first: number, end: number): [from: number, to: number][] {
    if (first === end) return [];
    const [from, to] = [this.row(first), this.row(end)];
    if (from < to) return [[from, to]];
    return to === 0
      ? [[from, this.capacity]]
      : [
          [from, this.capacity],
          [0, to],
        ];
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
