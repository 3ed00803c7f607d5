/** Numbers in row-major order. The twins compute in float64 whatever the type of the array. */
export type Numbers = ArrayLike<number>;

/** Transposes [rows, columns, depth] to [columns, rows, depth]: batch-major sequences to time-major ones, and back. */
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

/** Transposes [rows, columns] to [columns, rows]. */
export function transpose(data: Numbers, [rows, columns]: readonly [number, number]): Float64Array {
  return swapOuter(data, [rows, columns, 1]);
}

/** The matrix product a [rows, inner] · b [inner, columns]. */
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

/** The dot product of two arrays, which makes a scalar of an output for gradient checks. */
export function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
