import { describe, expect, test } from 'vitest';
import { keras1 } from '../../src/index.ts';
import { orthonormalize } from '../../src/models/network/gram-schmidt.ts';
import { glorotUniform, initializerOf, orthogonal, zeros } from '../../src/models/network/initializers.ts';
import { Random } from '../../src/models/network/random.ts';
import { atOnce, WORK_PER_SLICE } from '../../src/runtime/slices.ts';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { orthogonalCases } from '../golden/orthogonal.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed } from '../harness/random.ts';
import { inPieces } from '../harness/in-pieces.ts';
import { product, transpose } from '../reference/arrays.ts';

/** The columns of a matrix [rows, count]. */
function columnsOf(matrix: ArrayLike<number>, count: number): Float64Array[] {
  const rows = matrix.length / count;
  return Array.from({ length: count }, (_, column) =>
    Float64Array.from({ length: rows }, (__, row) => matrix[row * count + column]),
  );
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, n) => sum + value * b[n], 0);

describe('Gram-Schmidt', () => {
  // Whole fours and any rest of them, tall and square.
  test.each([
    [1, 1],
    [2, 2],
    [7, 3],
    [9, 4],
    [5, 5],
    [13, 6],
    [11, 11],
    [60, 48],
    [50, 50],
  ])('makes of %i × %i the Q of the QR decomposition with positive diagonal', (rows, count) => {
    const random = new Random(randomSeed());
    const given = columnsOf(
      Float64Array.from({ length: rows * count }, () => random.normal()),
      count,
    );
    const q = given.map((column) => column.slice());
    atOnce(orthonormalize(q));
    const close = { atol: 1e-8, rtol: 0, reason: 'float64, less the digits that a nearly singular matrix costs' };
    const gram = q.flatMap((a) => q.map((b) => dot(a, b)));
    const identity = gram.map((_, n) => (n % (count + 1) === 0 ? 1 : 0));
    expectClose(gram, identity, { ...close, what: 'QᵀQ' });
    // R = Qᵀ times the matrix: no number under a diagonal that is positive.
    const r = q.map((a) => given.map((b) => dot(a, b)));
    const under = r.flatMap((row, n) => [0, ...row.slice(0, n)]);
    expectClose(
      under,
      under.map(() => 0),
      { ...close, what: 'R under its diagonal' },
    );
    expect(r.every((row, n) => row[n] > 0)).toBe(true);
  });

  test('twice is enough: vectors that hardly differ come out orthonormal too', () => {
    const random = new Random(randomSeed());
    const common = Float64Array.from({ length: 20 }, () => random.normal());
    const vectors = Array.from({ length: 10 }, () => common.map((value) => value + 1e-10 * random.normal()));
    atOnce(orthonormalize(vectors));
    const gram = vectors.flatMap((a) => vectors.map((b) => dot(a, b)));
    const identity = gram.map((_, n) => (n % 11 === 0 ? 1 : 0));
    expectClose(gram, identity, { atol: 1e-8, rtol: 0, what: 'QᵀQ', reason: 'one pass alone leaves about 1e-6' });
  });
});

describe('orthogonal', () => {
  test.each(orthogonalCases)('makes of recorded normal numbers what Keras makes of them, $shape', (recorded) => {
    const [rows, columns] = recorded.shape;
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const vectors = columnsOf(recorded.gaussian.data, short);
    atOnce(orthonormalize(vectors));
    const flat = Float64Array.from(vectors.flatMap((vector) => [...vector]));
    expectRecorded(rows < columns ? flat : transpose(flat, [short, long]), recorded.expected.data, {
      atol: 1e-6,
      rtol: 0,
      what: `orthogonal of ${rows} × ${columns}`,
      reason: 'the normal numbers were recorded in float32',
    });
  });

  test.each([
    [1, 4],
    [3, 12],
    [33, 132],
    [12, 3],
    [5, 5],
  ])('has orthonormal rows or columns, whichever are fewer: %i × %i', (rows, columns) => {
    const matrix = atOnce(orthogonal([rows, columns], new Random(randomSeed())));
    const short = Math.min(rows, columns);
    const flat = transpose(matrix, [rows, columns]);
    const gram =
      rows < columns ? product(matrix, flat, rows, columns, rows) : product(flat, matrix, columns, rows, columns);
    const identity = Array.from({ length: short * short }, (_, index) => (index % (short + 1) === 0 ? 1 : 0));
    expectClose(gram, identity, { atol: 1e-6, rtol: 0, what: 'products of the rows', reason: 'stored in float32' });
  });
});

describe('glorotUniform', () => {
  test('stays within ± sqrt(6 / (fan in + fan out)) and fills that range evenly', () => {
    const values = atOnce(glorotUniform([30, 120], new Random(randomSeed())));
    const limit = Math.sqrt(6 / 150);
    expect(Math.max(...values)).toBeLessThanOrEqual(limit);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-limit);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // 3600 numbers: the standard deviation of their mean square is limit² * 0.298 / 60.
    expectClose([variance], [limit ** 2 / 3], {
      atol: 6 * 0.005 * limit ** 2,
      rtol: 0,
      what: 'variance',
      reason: 'six standard deviations of the estimate',
    });
  });
});

test('zeros gives as many as the shape says', () => {
  expect([...atOnce(zeros([2, 3], new Random(1)))]).toEqual([0, 0, 0, 0, 0, 0]);
});

describe('the initializers by name', () => {
  const wide = [50, 80] as const;
  const variances = {
    glorotUniform: 2 / 130,
    glorotNormal: 2 / 130,
    heUniform: 2 / 50,
    heNormal: 2 / 50,
    lecunUniform: 1 / 50,
    lecunNormal: 1 / 50,
  } as const;
  test.each(Object.entries(variances) as [keyof typeof variances, number][])(
    '%s has its variance',
    (name, variance) => {
      const values = atOnce(initializerOf('test', 'kernelInitializer', name)(wide, new Random(randomSeed())));
      const found = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      // 4000 numbers; the mean of their squares is off by at most variance * 1.5 / sqrt(4000) in one deviation.
      expectClose([found], [variance], {
        atol: 6 * 0.024 * variance,
        rtol: 0,
        what: 'variance',
        reason: 'six standard deviations of the estimate',
      });
      // Uniform numbers end at sqrt(3) deviations, truncated normal ones at 2 / 0.8796.
      const most = Math.sqrt(variance) * (name.endsWith('Uniform') ? Math.sqrt(3) : 2 / 0.87962566);
      const greatest = Math.max(...values.map(Math.abs));
      expect(greatest).toBeLessThanOrEqual(most * 1.000001);
      expect(greatest).toBeGreaterThan(0.9 * most);
    },
  );

  test('are constants and functions too', () => {
    const random = new Random(1);
    expect([...atOnce(initializerOf('test', 'b', 'ones')([2], random))]).toEqual([1, 1]);
    expect([...atOnce(initializerOf('test', 'b', { constant: 0.5 })([3], random))]).toEqual([0.5, 0.5, 0.5]);
    const own = initializerOf('test', 'b', ([size]) => Float32Array.from({ length: size }, (_, n) => n));
    expect([...atOnce(own([3], random))]).toEqual([0, 1, 2]);
  });

  test('are generator functions too, which pause where they yield nothing', () => {
    const own = initializerOf('test', 'b', function* ([size]) {
      yield;
      yield 5;
      return new Float32Array(size).fill(2);
    });
    const { result, pieces } = inPieces(own([3], new Random(1)));
    expect([...result]).toEqual([2, 2, 2]);
    expect(pieces).toEqual([WORK_PER_SLICE, 5]);
    const short = initializerOf('test', 'b', function* () {
      yield;
      return new Float32Array(2);
    });
    expect(() => atOnce(short([3], new Random(1)))).toThrow('gave 2 numbers, expected a Float32Array of 3 numbers');
    // An asynchronous one never says that it is done, but promises to.
    const asynchronous = initializerOf('test', 'b', async function* () {} as never)([3], new Random(1));
    expect(() => asynchronous.next()).toThrow('expected a Float32Array of 3 numbers');
  });
});

/** A number for the bits of these numbers (FNV-1a). */
function digest(data: Float32Array): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

describe('the same seed gives the same bits as in version 0.1.0', () => {
  // Recorded before initializers worked in slices.
  test.each([
    ['glorotUniform', [33, 132], 2717655083],
    ['glorotNormal', [70, 5000], 3600807209],
    ['heUniform', [132, 33], 533591917],
    ['lecunNormal', [70, 5000], 1698065887],
    ['orthogonal', [33, 132], 2231651265],
    ['orthogonal', [70, 5000], 3709778694],
    ['orthogonal', [132, 33], 253834945],
  ] as const)('%s %j', (name, shape, expected) => {
    const values = atOnce(initializerOf('test', 'kernelInitializer', name)(shape, new Random(20160730)));
    expect(digest(values)).toBe(expected);
  });
});

describe('initializers work in small pieces', () => {
  /** A slice is longer than it should be by a piece at most, which must be little of it. */
  const MOST = WORK_PER_SLICE / 8;

  test.each(['glorotUniform', 'lecunNormal', 'orthogonal'] as const)('%s', (name) => {
    const [rows, columns] = [300, 1200];
    const { pieces } = inPieces(initializerOf('test', 'kernelInitializer', name)([rows, columns], new Random(1)));
    expect(Math.max(...pieces)).toBeLessThan(MOST);
    // From each vector the projections onto all before it are subtracted: a product and a sum for each, at least.
    const least = rows * columns + (name === 'orthogonal' ? rows ** 2 * columns : 0);
    const all = pieces.reduce((sum, piece) => sum + piece, 0);
    expect(all).toBeGreaterThan(least);
    expect(all).toBeLessThan(300 * rows * columns + 4 * rows ** 2 * columns);
  });

  test('those of Keras 1, gate by gate', () => {
    const [{ parts }] = keras1.lstm({ units: 150 }).build('lstm', [2, 40]).matrices;
    for (const [part, gain, initializer] of [
      [parts[0], 1, glorotUniform],
      [parts[1], 1.1, orthogonal],
    ] as const) {
      const { result, pieces } = inPieces(part.initializer(part.shape, new Random(3)));
      expect(Math.max(...pieces)).toBeLessThan(MOST);
      const [rows, columns] = part.shape;
      const units = columns / 4;
      const random = new Random(3);
      const blocks = [0, 1, 2, 3].map(() => atOnce(initializer([rows, units], random)));
      const expected = result.map((_, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        return gain * blocks[Math.floor(column / units)][row * units + (column % units)];
      });
      expect(result).toEqual(expected);
    }
  });
});
