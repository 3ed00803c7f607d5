import { describe, expect, test } from 'vitest';
import { glorotUniform, initializerOf, orthogonal, orthonormalColumns, zeros } from '../../src/models/initializers.ts';
import { Random } from '../../src/models/random.ts';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { orthogonalCases } from '../golden/orthogonal.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed } from '../harness/random.ts';
import { product, transpose } from '../reference/arrays.ts';

describe('orthogonal', () => {
  test.each(orthogonalCases)('makes of recorded normal numbers what Keras makes of them, $shape', (recorded) => {
    const [rows, columns] = recorded.shape;
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const q = orthonormalColumns(Float64Array.from(recorded.gaussian.data), long, short);
    const oriented = rows < columns ? transpose(q, [long, short]) : q;
    expectRecorded(oriented, recorded.expected.data, {
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
      atol: 5 * 0.005 * limit ** 2,
      rtol: 0,
      what: 'variance',
      reason: 'five standard deviations of the estimate',
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
        atol: 5 * 0.024 * variance,
        rtol: 0,
        what: 'variance',
        reason: 'five standard deviations of the estimate',
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
