import { elementCount, type Shape } from '../runtime/shape.ts';
import type { Random } from './random.ts';

/** Gives a weight its first values, row-major. */
export type Initializer = (shape: Shape, random: Random) => Float32Array<ArrayBuffer>;

export const zeros: Initializer = (shape) => new Float32Array(elementCount(shape));

/**
 * Uniform between ± sqrt(6 / (fan in + fan out)) (Glorot & Bengio 2010). As in Keras 3 the fans are those of the whole
 * matrix: an LSTM's kernel [I, 4H] has fan out 4H, not H (keras/src/initializers/random_initializers.py).
 */
export const glorotUniform: Initializer = (shape, random) => {
  const [fanIn, fanOut] = shape;
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: elementCount(shape) }, () => (2 * random.uniform() - 1) * limit);
};

/**
 * Orthonormal rows or columns, whichever are fewer, from the QR decomposition of a normal matrix with a positive
 * diagonal in R (Saxe et al. 2013; keras/src/initializers/random_initializers.py Orthogonal).
 */
export const orthogonal: Initializer = (shape, random) => {
  const [rows, columns] = shape;
  const long = Math.max(rows, columns);
  const short = Math.min(rows, columns);
  const normal = Float64Array.from({ length: long * short }, () => random.normal());
  const q = orthonormalColumns(normal, long, short);
  const transposed = rows < columns;
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    return transposed ? q[column * short + row] : q[row * short + column];
  });
};

/**
 * Q of the unique QR decomposition with positive diagonal, by Gram-Schmidt done twice for accuracy.
 *
 * @param matrix [rows, columns], rows >= columns
 */
export function orthonormalColumns(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const q = Float64Array.from(matrix);
  for (let column = 0; column < columns; column++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let earlier = 0; earlier < column; earlier++) {
        const overlap = columnProduct(q, rows, columns, column, earlier);
        for (let row = 0; row < rows; row++) q[row * columns + column] -= overlap * q[row * columns + earlier];
      }
    }
    const length = Math.sqrt(columnProduct(q, rows, columns, column, column));
    for (let row = 0; row < rows; row++) q[row * columns + column] /= length;
  }
  return q;
}

function columnProduct(matrix: Float64Array, rows: number, columns: number, a: number, b: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += matrix[row * columns + a] * matrix[row * columns + b];
  return sum;
}
