/** out [rows, columns] = a [rows, inner] · b [inner, columns]. */
export function product(out: Float32Array, a: Float32Array, b: Float32Array, inner: number, columns: number): void {
  out.fill(0);
  const rows = out.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k];
      for (let column = 0; column < columns; column++) out[row * columns + column] += factor * b[k * columns + column];
    }
  }
}
