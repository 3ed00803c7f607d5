import type { Numbers } from './arrays.ts';

/** The largest finite number of half precision. */
export const MOST = 65504;

/** Rounds a number to half precision: to 11 significant bits, half to even, and to multiples of 2^-24. */
export function float16(value: number): number {
  const size = Math.abs(value);
  if (size === 0) return value;
  if (size >= MOST) return Math.sign(value) * MOST;
  const step = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  const steps = value / step;
  const below = Math.floor(steps);
  const rest = steps - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (below + Number(isUp)) * step;
}

/** Packs numbers in half precision as on the GPU: two in a word of 32 bits, the first in its lower half. */
export function halfWords(values: Numbers): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(values.length / 2));
  for (let n = 0; n < values.length; n++) words[n >> 1] |= bitsOf(float16(values[n])) << (16 * (n % 2));
  return words;
}

/** Unpacks numbers in half precision from words that were read as if they were float32. */
export function fromHalfWords(read: Float32Array<ArrayBuffer>): number[] {
  return Array.from(new Uint16Array(read.buffer, read.byteOffset, 2 * read.length), numberOf);
}

function bitsOf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 2 ** 10);
}

function numberOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
