import { ValueError } from '../../index.ts';

/** An address that is not set. */
const UNDEFINED_ADDRESS = 2n ** 64n - 1n;

/**
 * The bytes of an HDF5 file, of which every number is read within bounds. It also keeps which bytes belong to what: in a file
 * that is right no two structures share a byte, which excludes cycles and bounds the time that it takes to read them all.
 */
export class FileBytes {
  readonly #view: DataView;
  readonly #owned = new Map<number, number>();

  constructor(
    readonly where: string,
    readonly bytes: Uint8Array,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws ValueError with the position in the file */
  fail(at: number, given: string, expected: string): never {
    throw new ValueError(
      `${this.where}: the HDF5 file is damaged, or of a kind that Keras does not write: at byte ${at} there is ${given}, ` +
        `expected ${expected}.`,
    );
  }

  u8(at: number): number {
    this.#inside(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.#inside(at, 2);
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.#inside(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** A length: a number of 64 bits that is at most the length of the file. */
  length(at: number): number {
    this.#inside(at, 8);
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(this.bytes.length)) this.fail(at, `the length ${value}`, 'at most that of the file');
    return Number(value);
  }

  /** An address, or nothing if it is not set. */
  address(at: number): number | undefined {
    this.#inside(at, 8);
    return this.#view.getBigUint64(at, true) === UNDEFINED_ADDRESS ? undefined : this.length(at);
  }

  /** @throws ValueError unless the number read at a position is what it has to be */
  expect(at: number, given: number, expected: number, what: string): void {
    if (given !== expected) this.fail(at, `${what} ${given}`, String(expected));
  }

  signature(at: number, letters: string): void {
    this.#inside(at, letters.length);
    const given = String.fromCharCode(...this.bytes.subarray(at, at + letters.length));
    if (given !== letters) this.fail(at, JSON.stringify(given), JSON.stringify(letters));
  }

  /** Text that ends with a zero, before `end`. */
  text(at: number, end: number): string {
    this.#inside(at, 1);
    const stop = this.bytes.subarray(0, end).indexOf(0, at);
    if (stop < 0) this.fail(at, 'a name without end', 'a zero after it');
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.subarray(at, stop));
    } catch {
      return this.fail(at, 'a name that is no UTF-8', 'UTF-8');
    }
  }

  /** Notes that a structure has these bytes for itself. */
  own(start: number, size: number, what: string): void {
    if (size === 0) return;
    this.#inside(start, size);
    if (this.#owned.has(start)) this.fail(start, `${what}, where something else begins already`, 'one structure');
    this.#owned.set(start, size);
  }

  /**
   * The bytes between structures are zeros in a file that was written at once, as those of Keras are: others belong to what
   * was lost, such as the beginning of an array whose address is wrong.
   *
   * @throws ValueError if two structures share a byte, or one that is not zero belongs to none
   */
  checkOwners(): void {
    let end = 0;
    for (const [start, size] of [...this.#owned].sort(([a], [b]) => a - b)) {
      if (start < end) this.fail(start, 'a structure inside another', 'each byte to belong to one of them');
      this.checkZeros(end, start, 'something that belongs to nothing');
      end = start + size;
    }
    this.checkZeros(end, this.bytes.length, 'something that belongs to nothing');
  }

  /** @throws ValueError if a byte is not zero */
  checkZeros(start: number, end: number, given: string): void {
    const lost = this.bytes.subarray(start, end).findIndex((byte) => byte !== 0);
    if (lost >= 0) this.fail(start + lost, given, 'zeros, as h5repack writes them');
  }

  #inside(at: number, size: number): void {
    if (at < 0 || at + size > this.bytes.length) {
      throw new ValueError(
        `${this.where}: the HDF5 file is damaged: it has ${this.bytes.length} bytes, but ${size} are needed at byte ${at}. ` +
          `Is it truncated?`,
      );
    }
  }
}
