import type { Gpu } from '../../../runtime/gpu.ts';
import { Tensor } from '../../../runtime/tensor.ts';

/** Rows of the ring by default: far more updates than run between two looks at it. */
const CAPACITY = 32_768;

/**
 * What the updates report: a row each, with the sum of the losses of its samples, and for each metric a weighted sum and
 * the sum of the weights. Every update overwrites its own row, so nothing adds up on the GPU; sums over many are taken
 * here in float64.
 */
export class Journal {
  readonly tensor: Tensor;
  #next = 0;

  constructor(
    gpu: Gpu,
    /** One of the loss, two of each metric. */
    readonly columns: number,
    /** Rows of the ring. */
    private readonly capacity = CAPACITY,
  ) {
    this.tensor = Tensor.create(gpu, 'journal', [capacity, columns]);
  }

  /** How many updates were noted so far; the number of the next one. */
  get next(): number {
    return this.#next;
  }

  /** Takes the next number. */
  take(): number {
    return this.#next++;
  }

  /** The row in which the next update is noted. */
  get nextRow(): number {
    return this.row(this.#next);
  }

  /** The row in which update `number` is noted, until `capacity` updates later. */
  row(number: number): number {
    return number % this.capacity;
  }

  /** Whether so many unread updates have gathered that they should be read before more are sent. */
  isFilling(firstUnread: number): boolean {
    return this.#next - firstUnread >= this.capacity / 2;
  }

  /** The rows of updates `first` to `end`, one after the other, as they are after everything submitted so far. */
  async read(first: number, end: number): Promise<Float32Array> {
    const { columns, capacity } = this;
    const [from, to] = [this.row(first), this.row(end)];
    if (first === end) return new Float32Array(0);
    if (from < to) return this.tensor.read(from * columns, to * columns);
    const [tail, head] = await Promise.all([
      this.tensor.read(from * columns, capacity * columns),
      this.tensor.read(0, to * columns),
    ]);
    const rows = new Float32Array(tail.length + head.length);
    rows.set(tail);
    rows.set(head, tail.length);
    return rows;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
