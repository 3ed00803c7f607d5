import { ValueError } from '../../index.ts';

/** The most bytes of all files together: no model that trains in a browser comes near. */
const MAX_BYTES = 2 ** 31;

/** The most files: Keras writes three, and one for each asset. */
const MAX_ENTRIES = 1000;

/** Deflate makes of a byte at most this many, so an archive that promises more lies. */
const MAX_RATIO = 1032;

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

/** The flags of encryption: bit 0, bit 6 for strong encryption, bit 13 for an encrypted directory. */
const ENCRYPTED = 0x2041;

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** As it lies in the archive. */
  readonly data: Uint8Array;
  readonly isCompressed: boolean;
  /** How many bytes it has. */
  readonly size: number;
  readonly crc: number;
}

/**
 * Lists the files of a zip archive. The directory at its end counts, and each file must lie where and as it says.
 *
 * @throws ValueError if the archive is damaged, too large, encrypted, or has a name twice
 */
export function listEntries(where: string, bytes: Uint8Array): ZipEntry[] {
  const archive = new Archive(where, bytes);
  const end = archive.findEnd();
  const count = archive.u16(end + 10);
  const start = archive.u32(end + 16);
  if (archive.u16(end + 4) || archive.u16(end + 6) || archive.u16(end + 8) !== count || count > MAX_ENTRIES) {
    archive.fail(`it has ${count} files or several parts, expected at most ${MAX_ENTRIES} files in one part`);
  }
  const entries: ZipEntry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) at = archive.readEntry(at, entries);
  if (at !== end || archive.u32(end + 12) !== end - start) archive.fail('its directory does not end where it should');
  archive.checkDisjoint(start);
  return entries;
}

class Archive {
  readonly #view: DataView;
  readonly #names = new Set<string>();
  readonly #ranges: [number, number][] = [];
  #total = 0;

  constructor(
    private readonly where: string,
    private readonly bytes: Uint8Array,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string): never {
    throw new ValueError(`${this.where}: the zip archive is damaged or not supported: ${what}.`);
  }

  u16(at: number): number {
    this.#inside(at, 2);
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.#inside(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** The position of the last record, behind which only a comment may lie. */
  findEnd(): number {
    const last = this.bytes.length - END_BYTES;
    for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
      if (this.u32(at) === END_SIGNATURE && at + END_BYTES + this.u16(at + 20) === this.bytes.length) return at;
    }
    return this.fail('its end is missing. Is it truncated?');
  }

  /** Reads an entry of the directory. @returns where the next one begins */
  readEntry(at: number, entries: ZipEntry[]): number {
    if (this.u32(at) !== ENTRY_SIGNATURE) this.fail(`there is no entry at byte ${at}`);
    const [flags, method] = [this.u16(at + 8), this.u16(at + 10)];
    const [crc, stored, size] = [this.u32(at + 16), this.u32(at + 20), this.u32(at + 24)];
    const nameBytes = this.u16(at + 28);
    const name = this.#name(at + ENTRY_BYTES, nameBytes);
    if (this.#names.has(name)) this.fail(`${JSON.stringify(name)} is in it twice`);
    this.#names.add(name);
    if (flags & ENCRYPTED) this.fail(`${name} is encrypted`);
    if (method !== 0 && method !== 8) this.fail(`${name} is compressed by method ${method}, expected 0 or 8`);
    this.#total += size;
    if (this.#total > MAX_BYTES || (method === 0 ? size !== stored : size > stored * MAX_RATIO)) {
      this.fail(`${name} would have ${size} bytes, of ${stored} in the archive`);
    }
    const data = this.#dataOf(this.u32(at + 42), name, nameBytes, method, stored);
    // A folder has a name alone.
    if (!name.endsWith('/')) entries.push({ name, data, isCompressed: method === 8, size, crc });
    return at + ENTRY_BYTES + nameBytes + this.u16(at + 30) + this.u16(at + 32);
  }

  /** The bytes of a file, which lie behind its local header. That header repeats the directory, and has to agree with it. */
  #dataOf(at: number, name: string, nameBytes: number, method: number, stored: number): Uint8Array {
    const start = at + LOCAL_BYTES + nameBytes + this.u16(at + 28);
    const isSame =
      this.u32(at) === LOCAL_SIGNATURE &&
      this.u16(at + 26) === nameBytes &&
      this.#name(at + LOCAL_BYTES, nameBytes) === name &&
      this.u16(at + 8) === method;
    if (!isSame) this.fail(`${name} is not where its directory says`);
    this.#inside(start, stored);
    this.#ranges.push([at, start + stored]);
    return this.bytes.subarray(start, start + stored);
  }

  /** Files that share bytes are a way to make a zip bomb; no program writes them for another reason. */
  checkDisjoint(directory: number): void {
    let last = 0;
    for (const [start, end] of this.#ranges.sort(([a], [b]) => a - b)) {
      if (start < last || end > directory) this.fail(`two files share the byte ${start}`);
      last = end;
    }
  }

  #name(at: number, length: number): string {
    this.#inside(at, length);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.subarray(at, at + length));
    } catch {
      return this.fail(`the name at byte ${at} is no UTF-8`);
    }
  }

  #inside(at: number, size: number): void {
    if (at < 0 || at + size > this.bytes.length) {
      this.fail(`it has ${this.bytes.length} bytes, but ${size} are needed at byte ${at}. Is it truncated?`);
    }
  }
}
