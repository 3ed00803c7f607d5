import { Random } from '../../../src/models/network/random.ts';

/** A damaged copy of a file, and how it was damaged, for the message of a test that fails. */
export interface Mutation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly how: string;
}

/** How many mutations of each file are read; the environment variable `VITE_MUTATIONS` asks for more. */
export const MUTATIONS = Number(import.meta.env.VITE_MUTATIONS ?? 60);

/** A random mutation of a file: a bit flipped, the file cut off, or bytes that may be a length set to an extreme. */
export function mutate(original: Uint8Array, seed: number): Mutation {
  const random = new Random(seed);
  const below = (count: number) => Math.floor(random.uniform() * count);
  const bytes = new Uint8Array(original);
  const at = below(bytes.length);
  const kind = below(5);
  if (kind === 0) {
    return { bytes: bytes.slice(0, at), how: `cut off at ${at}` };
  }
  if (kind < 3) {
    const bit = below(8);
    bytes[at] ^= 1 << bit;
    return { bytes, how: `bit ${bit} of byte ${at} flipped` };
  }
  const size = [1, 2, 4, 8][below(4)];
  const value = [0, 1, 0x7f, 0x80, 0xff][below(5)];
  const start = at - (at % size);
  bytes.fill(value, start, start + size);
  return { bytes, how: `${size} bytes at ${start} set to ${value}` };
}
