/** An entry of the cache, which can be made again and so may be dropped to make room. */
export interface Droppable {
  /** How many bytes it takes on the device. */
  readonly bytes: number;
  /** Whether work that is queued or running needs it, so that it must not be dropped now. */
  isInUse(): boolean;
  /** Frees its memory. */
  drop(): void;
}

/** The least capacity of the cache on any device. */
const MIN_BYTES = 64 * 2 ** 20;

/**
 * A least-recently-used cache of things that take GPU memory, such as programs for a batch size that may come again.
 *
 * WebGPU does not tell how much memory a device has. The largest buffer that it allows is a hint, so the cache holds a
 * quarter of that, but at least 64 MiB, a quarter of WebGPU's default `maxBufferSize`.
 */
export class RecentlyUsed {
  readonly mostBytes: number;
  /** From the least to the most recently used. */
  readonly #items = new Set<Droppable>();

  constructor(limits: Pick<GPUSupportedLimits, 'maxBufferSize'>) {
    this.mostBytes = Math.max(MIN_BYTES, limits.maxBufferSize / 4);
  }

  /** Moves an item to the end of the order, as the most recently used. */
  use(item: Droppable): void {
    this.#items.delete(item);
    this.#items.add(item);
  }

  /** Adds an item that is new or has grown, and drops others, the least recently used first, while the cache is too large. */
  add(item: Droppable): void {
    this.use(item);
    let bytes = 0;
    for (const { bytes: own } of this.#items) bytes += own;
    for (const other of this.#items) {
      if (bytes <= this.mostBytes) return;
      if (other === item || other.isInUse()) continue;
      bytes -= other.bytes;
      this.#items.delete(other);
      other.drop();
    }
  }

  /** Forgets an item that was freed for another reason. */
  remove(item: Droppable): void {
    this.#items.delete(item);
  }
}
