/** Numbers in row-major order. The twins compute in float64, whatever they are given. */
export type Numbers = ArrayLike<number>;

/** [rows, columns, depth] to [columns, rows, depth]: batch-major sequences to time-major ones, and back. */
export function swapOuter(data: Numbers, [rows, columns, depth]: readonly [number, number, number]): Float64Array {
  const swapped = new Float64Array(rows * columns * depth);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let d = 0; d < depth; d++) {
        swapped[(column * rows + row) * depth + d] = data[(row * columns + column) * depth + d];
      }
    }
  }
  return swapped;
}

/** [rows, columns] to [columns, rows]. */
export function transpose(data: Numbers, [rows, columns]: readonly [number, number]): Float64Array {
  return swapOuter(data, [rows, columns, 1]);
}

/** a [rows, inner] · b [inner, columns]. */
export function product(a: Numbers, b: Numbers, rows: number, inner: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      for (let column = 0; column < columns; column++) {
        out[row * columns + column] += a[row * inner + k] * b[k * columns + column];
      }
    }
  }
  return out;
}

/** The sum of all a[i] * b[i]: a scalar out of an array, for gradient checks. */
export function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
