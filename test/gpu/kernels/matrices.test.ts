import { describe, test } from 'vitest';
import { matmul, timesTransposed, timesWeights } from '../../../src/shaders/matmul.ts';
import { plainGradient, weightGradient } from '../../../src/shaders/weight-gradient.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { product, transpose } from '../../reference/arrays.ts';
import { runKernel, unwritten } from '../run-kernel.ts';

/** A sum of `terms` products of numbers around 1, each rounded on its way. */
const sumOf = (terms: number, what: string) => ({
  atol: 1e-6 + 2e-7 * terms,
  rtol: 1e-6,
  what,
  reason: `${terms} roundings of float32, 6e-8 each, of sums a few units large`,
});

/** Below, at and above the tile of 4 an invocation and of 32 a workgroup, and sizes that divide nothing. */
const sizes = [
  { rows: 1, inner: 1, columns: 1 },
  { rows: 3, inner: 5, columns: 2 },
  { rows: 4, inner: 4, columns: 4 },
  { rows: 5, inner: 1, columns: 132 },
  { rows: 35, inner: 33, columns: 7 },
  { rows: 31, inner: 3, columns: 33 },
  { rows: 64, inner: 17, columns: 65 },
];

describe.each(sizes)('matmul, $rows × $inner by $inner × $columns', ({ rows, inner, columns }) => {
  const sizes = { ROWS: rows, INPUTS: inner, WIDTH: columns };

  test('plain', async () => {
    const random = rng(randomSeed());
    const [a, b] = [random.array(rows * inner, 1), random.array(inner * columns, 1)];
    const { out } = await runKernel(
      matmul,
      { a, b, out: unwritten(rows * columns) },
      { ...timesWeights(sizes), ADD_BIAS: 0 },
    );
    expectClose(out, product(a, b, rows, inner, columns), sumOf(inner, 'a · b'));
  });

  test('with a bias row under b', async () => {
    const random = rng(randomSeed());
    const [a, b] = [random.array(rows * inner, 1), random.array((inner + 1) * columns, 1)];
    const { out } = await runKernel(matmul, { a, b, out: unwritten(rows * columns) }, timesWeights(sizes));
    const bias = b.slice(inner * columns);
    const expected = product(a, b, rows, inner, columns).map((sum, index) => sum + bias[index % columns]);
    expectClose(out, expected, sumOf(inner + 1, 'a · b + bias'));
  });

  test('with b transposed, and more rows under it', async () => {
    const random = rng(randomSeed());
    // Layers pass their whole matrix, of which the product uses the first rows.
    const [a, b] = [random.array(rows * inner, 1), random.array((columns + 2) * inner, 1)];
    const { out } = await runKernel(
      matmul,
      { a, b, out: unwritten(rows * columns) },
      timesTransposed({ ROWS: rows, INPUTS: columns, WIDTH: inner }),
    );
    const transposed = transpose(b.subarray(0, columns * inner), [columns, inner]);
    expectClose(out, product(a, transposed, rows, inner, columns), sumOf(inner, 'a · bᵀ'));
  });
});

describe.each([
  { first: 9, count: 14, stride: 1 },
  { first: 2, count: 10, stride: 4 },
])('matmul over $count columns, every $stride from $first on', ({ first, count, stride }) => {
  const [rows, inputs, width] = [5, 7, 40];
  const sizes = { ROWS: rows, INPUTS: inputs, WIDTH: width };
  const choice = { FIRST: first, COUNT: count, STRIDE: stride };
  const chosen = Array.from({ length: count }, (_, n) => first + n * stride);

  test('writes no other column of the product', async () => {
    const random = rng(randomSeed());
    const [a, b] = [random.array(rows * inputs, 1), random.array((inputs + 1) * width, 1)];
    const out = random.array(rows * width, 1);
    const result = await runKernel(matmul, { a, b, out }, timesWeights(sizes, choice));
    const all = product(a, b, rows, inputs, width).map((sum, index) => sum + b[inputs * width + (index % width)]);
    const expected = Array.from(out, (value, index) => (chosen.includes(index % width) ? all[index] : value));
    expectClose(result.out, expected, sumOf(inputs + 1, 'a · columns'));
  });

  test('sums over no other column, transposed', async () => {
    const random = rng(randomSeed());
    const [a, b] = [random.array(rows * width, 1), random.array(inputs * width, 1)];
    const bindings = { a, b, out: unwritten(rows * inputs) };
    const result = await runKernel(matmul, bindings, timesTransposed(sizes, choice));
    const expected = Float64Array.from({ length: rows * inputs }, (_, index) => {
      const [row, column] = [Math.floor(index / inputs), index % inputs];
      return chosen.reduce((sum, k) => sum + a[row * width + k] * b[column * width + k], 0);
    });
    expectClose(result.out, expected, sumOf(count, 'a · columnsᵀ'));
  });
});

describe('weight-gradient is [input, 1, hidden]ᵀ · d', () => {
  test.each([
    { samples: 1, inputs: 1, units: 1, columns: 4 },
    { samples: 7, inputs: 3, units: 4, columns: 16 },
    { samples: 35, inputs: 2, units: 33, columns: 132 },
    { samples: 5, inputs: 31, units: 0, columns: 1 },
    { samples: 64, inputs: 33, units: 0, columns: 3 },
  ])(
    '$samples samples, $inputs inputs, $units units, $columns columns',
    async ({ samples, inputs, units, columns }) => {
      const random = rng(randomSeed());
      const input = random.array(samples * inputs, 1);
      const hidden = random.array(samples * units, 1);
      const d = random.array(samples * columns, 1);
      const rows = inputs + 1 + units;
      const { gradient } = await runKernel(
        weightGradient,
        // A binding cannot be empty: without units, layers bind the input in its place.
        { input, hidden: units > 0 ? hidden : input, d, d_hidden: d, gradient: unwritten(rows * columns) },
        plainGradient({ SAMPLES: samples, INPUTS: inputs, UNITS: units, COLUMNS: columns }),
      );
      const stacked = Array.from({ length: samples }, (_, n) => [
        ...input.slice(n * inputs, (n + 1) * inputs),
        1,
        ...hidden.slice(n * units, (n + 1) * units),
      ]).flat();
      const expected = product(transpose(stacked, [samples, rows]), d, rows, samples, columns);
      expectClose(gradient, expected, sumOf(samples, 'gradient'));
    },
  );
});
