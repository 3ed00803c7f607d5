import { ValueError } from '../../index.ts';
import type { Files } from '../contents.ts';
import { optionalPackage } from '../optional-package.ts';
import { crc32 } from './crc32.ts';
import { listEntries, type ZipEntry } from './entries.ts';

/** How much data goes into the decompressor at once; what comes out of it is at most a thousand times as much. */
const PIECE_BYTES = 2 ** 16;

/**
 * Reads all files of a zip archive. Sizes are checked before memory is taken, checksums afterwards.
 *
 * @throws ValueError (as a rejection) if the archive is damaged, too large, encrypted, or has a name twice; UnsupportedError if
 *   the package fflate is missing and an entry is compressed
 */
export async function readZip(where: string, bytes: Uint8Array): Promise<Files> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of listEntries(where, bytes)) {
    const data = entry.isCompressed ? await inflate(where, entry) : new Uint8Array(entry.data);
    if (data.length !== entry.size || crc32(data) !== entry.crc) {
      throw new ValueError(`${where}: ${entry.name} in the zip archive is damaged: its size or its checksum is wrong.`);
    }
    files.set(entry.name, data);
  }
  return files;
}

/** Decompresses piece by piece, and stops where more comes out than the archive says. */
async function inflate(where: string, { name, data, size }: ZipEntry): Promise<Uint8Array<ArrayBuffer>> {
  const { Inflate } = await optionalPackage(where, 'fflate', () => import('fflate'));
  const pieces: Uint8Array[] = [];
  let length = 0;
  const fail = (what: string, cause?: unknown): never => {
    throw new ValueError(`${where}: ${name} in the zip archive is damaged: ${what}.`, { cause });
  };
  const stream = new Inflate((piece) => {
    length += piece.length;
    if (length <= size) pieces.push(piece);
  });
  for (let at = 0; at < data.length && length <= size; at += PIECE_BYTES) {
    try {
      stream.push(data.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= data.length);
    } catch (error) {
      fail((error as Error).message, error);
    }
  }
  if (length !== size) fail(`it does not have the ${size} bytes that the archive says`);
  const result = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}

/** Writes a zip archive without compression, as Keras does. The same files give the same bytes. */
export async function writeZip(where: string, files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const { zipSync } = await optionalPackage(where, 'fflate', () => import('fflate'));
  // The earliest date that an archive can hold.
  return new Uint8Array(zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) }));
}
