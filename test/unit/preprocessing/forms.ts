/** Rows of numbers in each of the forms in which people have them. */
export function formsOf(rows: readonly number[][]): [name: string, value: never][] {
  const shape = [rows.length, rows[0].length];
  const forms: [string, unknown][] = [
    ['nested arrays', rows],
    ['rows of Float64Array', rows.map((row) => Float64Array.from(row))],
    ['a flat Float64Array with its shape', { data: Float64Array.from(rows.flat()), shape }],
    ['a plain array with a typed shape', { data: rows.flat(), shape: Uint32Array.from(shape) }],
    ['nested data with its shape', { data: rows, shape }],
  ];
  return forms as [string, never][];
}

/** Row-major numbers as nested arrays. */
export function nest({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): unknown {
  const at = (axis: number, index: number): unknown =>
    axis === shape.length
      ? data[index]
      : Array.from({ length: shape[axis] }, (_, entry) => at(axis + 1, index * shape[axis] + entry));
  return at(0, 0);
}
