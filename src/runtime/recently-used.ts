/** Something that can be made anew, and so may be dropped to make room. */
export interface Droppable {
  /** Bytes on the device. */
  readonly bytes: number;
  /** Whether dropping it now would disturb work that waits or is under way. */
  isInUse(): boolean;
  /** Frees it. */
  drop(): void;
}

/** The least that is kept, on any device. */
const LEAST_BYTES = 64 * 2 ** 20;

/**
 * What was made for work that may come again, kept up to a number of bytes; what was not used for longest is dropped first.
 *
 * WebGPU does not tell how much memory a device has. The largest buffer that it allows is a hint, and a quarter of it is
 * kept, but at least 64 MiB, a quarter of WebGPU's default `maxBufferSize`.
 */
export class RecentlyUsed {
  readonly mostBytes: number;
  /** From the least to the most recently used. */
  readonly #items = new Set<Droppable>();

  constructor(limits: Pick<GPUSupportedLimits, 'maxBufferSize'>) {
    this.mostBytes = Math.max(LEAST_BYTES, limits.maxBufferSize / 4);
  }

  /** Notes that an item is used. */
  use(item: Droppable): void {
    this.#items.delete(item);
    this.#items.add(item);
  }

  /** Takes an item in that was made or has grown, and drops others while all together take too many bytes. */
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
