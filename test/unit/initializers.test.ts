import { describe, expect, test } from 'vitest';
import { orthonormalize } from '../../src/models/network/gram-schmidt.ts';
import { glorotUniform, initializerOf, orthogonal, zeros } from '../../src/models/network/initializers.ts';
import { Random } from '../../src/models/network/random.ts';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { orthogonalCases } from '../golden/orthogonal.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed } from '../harness/random.ts';
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
    orthonormalize(q);
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
    orthonormalize(vectors);
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
    orthonormalize(vectors);
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
    const matrix = orthogonal([rows, columns], new Random(randomSeed()));
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
    const values = glorotUniform([30, 120], new Random(randomSeed()));
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
  expect([...zeros([2, 3], new Random(1))]).toEqual([0, 0, 0, 0, 0, 0]);
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
      const values = initializerOf('test', 'kernelInitializer', name)(wide, new Random(randomSeed()));
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
    expect([...initializerOf('test', 'b', 'ones')([2], random)]).toEqual([1, 1]);
    expect([...initializerOf('test', 'b', { constant: 0.5 })([3], random)]).toEqual([0.5, 0.5, 0.5]);
    const own = initializerOf('test', 'b', ([size]) => Float32Array.from({ length: size }, (_, n) => n));
    expect([...own([3], random)]).toEqual([0, 1, 2]);
  });
});
