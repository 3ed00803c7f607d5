import type { Shape } from '../index.ts';
import type { ArrayContents } from './contents.ts';

/**
 * Keras' matrix [depth, gates * units] of the rows [gates * units, depth] in which other programs store it.
 *
 * @param first where the rows begin in `data`
 * @param order which block of rows is the n-th gate of Keras
 */
export function columnsOf(
  data: ArrayLike<number>,
  first: number,
  depth: number,
  units: number,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const width = order.length * units;
  const columns = new Float32Array(depth * width);
  for (let column = 0; column < width; column++) {
    const row = order[Math.floor(column / units)] * units + (column % units);
    for (let k = 0; k < depth; k++) columns[k * width + column] = data[first + row * depth + k];
  }
  return columns;
}

/**
 * The rows [gates * units, depth] of another program of Keras' matrix [depth, gates * units].
 *
 * @param order which gate of Keras is the n-th block of rows
 */
export function rowsOf(
  data: Float32Array,
  depth: number,
  units: number,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const width = order.length * units;
  const rows = new Float32Array(width * depth);
  for (let row = 0; row < width; row++) {
    const column = order[Math.floor(row / units)] * units + (row % units);
    for (let k = 0; k < depth; k++) rows[row * depth + k] = data[k * width + column];
  }
  return rows;
}

/** Keras' bias of the two that other programs add, each in Keras' order of gates: their sum, or both as [2, gates * units]. */
export function biasOfTwo(
  input: Float32Array<ArrayBuffer>,
  recurrent: Float32Array<ArrayBuffer>,
  keepsBoth: boolean,
): Pick<ArrayContents, 'shape' | 'data'> {
  const { length } = input;
  if (!keepsBoth) return { shape: [length], data: input.map((value, n) => value + recurrent[n]) };
  const both = new Float32Array(2 * length);
  both.set(input);
  both.set(recurrent, length);
  return { shape: [2, length], data: both };
}

/**
 * The array of three axes whose element [c, b, a] is element [a, b, c] of this one: so the kernel of a convolution becomes
 * [filters, features, kernelSize] as in other programs, of [kernelSize, features, filters] as in Keras, and back.
 *
 * @param shape that of `data`
 */
export function withAxesReversed(data: ArrayLike<number>, [first, second, third]: Shape): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: data.length }, (_, n) => {
    const [a, b, c] = [n % first, Math.floor(n / first) % second, Math.floor(n / (first * second))];
    return data[(a * second + b) * third + c];
  });
}
