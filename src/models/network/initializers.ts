import { ShapeError, ValueError } from '../../runtime/errors.ts';
import { didYouMean, isFiniteFloat32, isList, knownOptions, show } from '../../runtime/options.ts';
import { elementCount, shapeText, type Shape } from '../../runtime/shape.ts';
import { WORK_PER_SLICE, type Sliced } from '../../runtime/slices.ts';
import { toFloat32 } from './float32.ts';
import { orthonormalize } from './gram-schmidt.ts';
import type { Random } from './random.ts';

/** Makes the initial values of a weight, row-major, in pieces of work between which the caller may pause. */
export type Initializer = (shape: Shape, random: Random) => Sliced<Float32Array<ArrayBuffer>>;

const constant = (value: number): Initializer =>
  // It has no pause, since filling memory takes less time than sending it to the GPU.
  // oxlint-disable-next-line require-yield
  function* (shape) {
    return new Float32Array(elementCount(shape)).fill(value);
  };

export const zeros = constant(0);

export const ones = constant(1);

/**
 * Inputs and outputs of the whole matrix, as Keras 3 counts them: an LSTM's kernel [I, 4H] has fan out 4H, not H. The
 * kernel of a convolution has both once for each step of a window.
 */
function fans(shape: Shape): { fanIn: number; fanOut: number } {
  const [features, outputs] = [shape.at(-2) ?? shape[0], shape.at(-1)!];
  const taps = shape.length > 2 ? shape[0] : 1;
  return { fanIn: taps * features, fanOut: taps * outputs };
}

/** The standard deviation of a standard normal distribution truncated at ± 2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Uniform between ± sqrt(3 variance) (keras/src/initializers/random_initializers.py VarianceScaling). */
const uniformOf =
  (variance: (shape: Shape) => number): Initializer =>
  (shape, random) => {
    const limit = Math.sqrt(3 * variance(shape));
    return drawn(shape, () => (2 * random.uniform() - 1) * limit);
  };

/** Normal, truncated at two standard deviations, with this variance after truncation (as VarianceScaling of Keras). */
const normalOf =
  (variance: (shape: Shape) => number): Initializer =>
  (shape, random) => {
    const deviation = Math.sqrt(variance(shape)) / TRUNCATED_DEVIATION;
    return drawn(shape, () => truncatedNormal(random) * deviation);
  };

/** How many multiply-adds take as long as drawing a random number and writing it to memory that is touched first. */
const DRAWING = 256;

/** The elements that are drawn between two pauses. */
const CHUNK = 2 ** 10;

/** Draws a number for each element. */
export function* drawn(shape: Shape, draw: () => number): Sliced<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(elementCount(shape));
  for (let first = 0; first < values.length; first += CHUNK) {
    const chunk = values.subarray(first, first + CHUNK);
    // A plain loop, since `Float32Array.from` takes several times as long.
    for (let index = 0; index < chunk.length; index++) chunk[index] = draw();
    yield DRAWING * chunk.length;
  }
  return values;
}

function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** The variances that Glorot & Bengio 2010, He et al. 2015 and LeCun et al. 1998 propose. */
const glorot = (shape: Shape): number => 2 / (fans(shape).fanIn + fans(shape).fanOut);
const he = (shape: Shape): number => 2 / fans(shape).fanIn;
const lecun = (shape: Shape): number => 1 / fans(shape).fanIn;

export const glorotUniform = uniformOf(glorot);

/**
 * Orthonormal rows or columns, whichever are fewer, from the QR decomposition of a normal matrix with a positive
 * diagonal in R (Saxe et al. 2013; keras/src/initializers/random_initializers.py Orthogonal).
 */
export const orthogonal: Initializer = function* (shape, random) {
  // A convolution's kernel is the matrix of its windows.
  const columns = shape.at(-1)!;
  const rows = elementCount(shape) / columns;
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  const vectors: Float64Array[] = [];
  while (vectors.length < short) {
    vectors.push(new Float64Array(long));
    yield long;
  }
  for (let n = 0; n < long; n++) {
    for (const vector of vectors) vector[n] = random.normal();
    yield DRAWING * short;
  }
  yield* orthonormalize(vectors);
  const values = new Float32Array(rows * columns);
  for (const [n, vector] of vectors.entries()) {
    if (rows < columns) values.set(vector, n * columns);
    else for (let row = 0; row < rows; row++) values[row * columns + n] = vector[row];
    yield long;
  }
  return values;
};

/** The initializers that have a name. */
export type InitializerName =
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'lecunUniform'
  | 'lecunNormal'
  | 'orthogonal'
  | 'zeros'
  | 'ones';

const INITIALIZERS: Record<InitializerName, Initializer> = {
  glorotUniform,
  glorotNormal: normalOf(glorot),
  heUniform: uniformOf(he),
  heNormal: normalOf(he),
  lecunUniform: uniformOf(lecun),
  lecunNormal: normalOf(lecun),
  orthogonal,
  zeros,
  ones,
};

/**
 * An initializer: a name of Keras', a constant, or a function of the weight's shape and a source of random numbers. One that
 * takes long may be a generator function, so that the page does not freeze: from time to time it yields how many multiply-adds
 * it has done, or nothing.
 */
export type InitializerOption =
  | InitializerName
  | { constant: number }
  | ((shape: Shape, random: Random) => ArrayLike<number> | Generator<unknown, ArrayLike<number>>);

/** @throws ValueError unless `value` is an initializer */
export function initializerOf(where: string, name: string, value: InitializerOption): Initializer {
  if (typeof value === 'function') return checked(where, name, value);
  if (typeof value === 'string' && Object.hasOwn(INITIALIZERS, value)) return INITIALIZERS[value];
  if (typeof value === 'object' && value !== null) {
    knownOptions(`${where}: ${name}`, value, ['constant']);
    if (isFiniteFloat32(value.constant)) return constant(value.constant);
  }
  const names = Object.keys(INITIALIZERS);
  throw new ValueError(
    `${where}: ${name} is ${show(value)}, expected one of ${names.join(', ')}, { constant: a number }, or a function of ` +
      `shape and random.${didYouMean(value, names)}`,
  );
}

/** Checks that a caller's function returns as many numbers as the shape has elements. */
function checked(
  where: string,
  name: string,
  initializer: Extract<InitializerOption, (...args: never) => unknown>,
): Initializer {
  return function* (shape, random) {
    const made = initializer(shape, random);
    const values: unknown = isGenerator(made) ? yield* paused(made) : made;
    const size = elementCount(shape);
    if (!isList(values) || values.length !== size) {
      const given = isList(values) ? `${values.length} numbers` : show(values);
      throw new ShapeError(
        `${where}: the function ${name} gave ${given}, expected a Float32Array of ${size} numbers for ${shapeText(shape)}.`,
      );
    }
    return toFloat32(`${where}: what the function ${name} gave`, values, (index) => `index ${index}`);
  };
}

function isGenerator(value: unknown): value is Generator {
  const { next, [Symbol.iterator]: iterator } = (value ?? {}) as Partial<Generator>;
  return typeof next === 'function' && typeof iterator === 'function';
}

/** A caller's generator, which pauses wherever it yields nothing. */
function* paused<T>(made: Generator<unknown, T>): Sliced<T> {
  try {
    for (;;) {
      const next = made.next();
      if (next.done) return next.value;
      yield typeof next.value === 'number' ? next.value : WORK_PER_SLICE;
    }
  } finally {
    // A model that is not built to its end leaves it unfinished.
    made.return?.(undefined as never);
  }
}
