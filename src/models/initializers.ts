import { ShapeError, ValueError } from '../runtime/errors.ts';
import { didYouMean, knownOptions, show } from '../runtime/options.ts';
import { elementCount, shapeText, type Shape } from '../runtime/shape.ts';
import type { Random } from './random.ts';

/** Gives a weight its first values, row-major. */
export type Initializer = (shape: Shape, random: Random) => Float32Array<ArrayBuffer>;

export const zeros: Initializer = (shape) => new Float32Array(elementCount(shape));

export const ones: Initializer = (shape) => new Float32Array(elementCount(shape)).fill(1);

const constant =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(elementCount(shape)).fill(value);

/** Inputs and outputs of the whole matrix, as Keras 3 counts them: an LSTM's kernel [I, 4H] has fan out 4H, not H. */
function fans(shape: Shape): { fanIn: number; fanOut: number } {
  return { fanIn: shape[0], fanOut: shape.at(-1)! };
}

/** The deviation of a standard normal distribution that is cut off at ± 2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Uniform between ± sqrt(3 variance) (keras/src/initializers/random_initializers.py VarianceScaling). */
const uniformOf =
  (variance: (shape: Shape) => number): Initializer =>
  (shape, random) => {
    const limit = Math.sqrt(3 * variance(shape));
    return Float32Array.from({ length: elementCount(shape) }, () => (2 * random.uniform() - 1) * limit);
  };

/** Normal, drawn again where it is more than two deviations off, with that variance (the same). */
const normalOf =
  (variance: (shape: Shape) => number): Initializer =>
  (shape, random) => {
    const deviation = Math.sqrt(variance(shape)) / TRUNCATED_DEVIATION;
    return Float32Array.from({ length: elementCount(shape) }, () => truncatedNormal(random) * deviation);
  };

function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998. */
const glorot = (shape: Shape): number => 2 / (fans(shape).fanIn + fans(shape).fanOut);
const he = (shape: Shape): number => 2 / fans(shape).fanIn;
const lecun = (shape: Shape): number => 1 / fans(shape).fanIn;

export const glorotUniform = uniformOf(glorot);

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
 * Q of the unique QR decomposition with positive diagonal, by Gram-Schmidt, repeated where
 * cancellation asks for it ("twice is enough", Kahan and Parlett).
 *
 * @param matrix [rows, columns], rows >= columns
 */
export function orthonormalColumns(matrix: Float64Array, rows: number, columns: number): Float64Array {
  // Column by column in memory: for large matrices a stride would cost most of the time.
  const vectors = Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: rows }, (_, row) => matrix[row * columns + column]),
  );
  vectors.forEach((vector, column) => {
    let length = Math.sqrt(product(vector, vector));
    let before: number;
    do {
      for (let earlier = 0; earlier < column; earlier++) {
        const other = vectors[earlier];
        const overlap = product(vector, other);
        for (let row = 0; row < rows; row++) vector[row] -= overlap * other[row];
      }
      before = length;
      length = Math.sqrt(product(vector, vector));
      // Little is left: the rest is made of rounding errors too, so it goes round again.
    } while (length < before / 2);
    for (let row = 0; row < rows; row++) vector[row] /= length;
  });
  return Float64Array.from(
    { length: rows * columns },
    (_, index) => vectors[index % columns][Math.floor(index / columns)],
  );
}

function product(a: Float64Array, b: Float64Array): number {
  // Four sums side by side, since each addition waits for the one before.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const fours = a.length - (a.length % 4);
  for (let i = 0; i < fours; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (let i = fours; i < a.length; i++) s0 += a[i] * b[i];
  return s0 + s1 + (s2 + s3);
}

const INITIALIZERS = {
  glorotUniform,
  glorotNormal: normalOf(glorot),
  heUniform: uniformOf(he),
  heNormal: normalOf(he),
  lecunUniform: uniformOf(lecun),
  lecunNormal: normalOf(lecun),
  orthogonal,
  zeros,
  ones,
} satisfies Record<string, Initializer>;

/** How a weight begins: by a name of Keras', as a constant, or by a function of its shape and of random numbers. */
export type InitializerOption =
  keyof typeof INITIALIZERS | { constant: number } | ((shape: Shape, random: Random) => Float32Array<ArrayBuffer>);

/** @throws ValueError unless `value` is an initializer */
export function initializerOf(where: string, name: string, value: InitializerOption): Initializer {
  if (typeof value === 'function') return checked(where, name, value);
  if (typeof value === 'string' && Object.hasOwn(INITIALIZERS, value)) return INITIALIZERS[value];
  if (typeof value === 'object' && value !== null) {
    knownOptions(`${where}: ${name}`, value, ['constant']);
    if (Number.isFinite(value.constant)) return constant(value.constant);
  }
  const names = Object.keys(INITIALIZERS);
  throw new ValueError(
    `${where}: ${name} is ${show(value)}, expected one of ${names.join(', ')}, { constant: a number }, or a function of ` +
      `shape and random.${didYouMean(value, names)}`,
  );
}

/** Holds what a caller's own function gives to the shape. */
function checked(where: string, name: string, initializer: Initializer): Initializer {
  return (shape, random) => {
    const values = initializer(shape, random);
    const size = elementCount(shape);
    if (!(values instanceof Float32Array) || values.length !== size) {
      const given = values instanceof Float32Array ? `${values.length} numbers` : `a ${typeof values}`;
      throw new ShapeError(
        `${where}: the function ${name} gave ${given}, expected a Float32Array of ${size} numbers for ${shapeText(shape)}.`,
      );
    }
    return values;
  };
}
