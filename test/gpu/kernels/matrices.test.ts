import { describe, expect, test } from 'vitest';
import { GradientProducts } from '../../../src/models/operations/products/gradient-products.ts';
import type { Recording } from '../../../src/models/network/layers/layer.ts';
import {
  columnsOf,
  matrix,
  repeated,
  rowsOf,
  transposed,
  type Matrix,
} from '../../../src/models/operations/products/matrix.ts';
import {
  loadWidth,
  productTile,
  productTiles,
  type ProductTile,
} from '../../../src/models/operations/products/product-tiles.ts';
import { recordProduct } from '../../../src/models/operations/products/product.ts';
import { Plan } from '../../../src/runtime/plan.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { product, transpose, type Numbers } from '../../reference/arrays.ts';
import { gpu } from '../gpu.ts';
import { decideByRule } from '../run-layer.ts';
import { unwritten } from '../run-kernel.ts';

/** A sum of `terms` products of numbers around 1, each rounded on its way. */
const sumOf = (terms: number, what: string) => ({
  atol: 1e-6 + 2e-7 * terms,
  rtol: 1e-6,
  what,
  reason: `${terms} roundings of float32, 6e-8 each, of sums a few units large`,
});

/** A row-major matrix in a tensor of its own, filled with these numbers. */
function filled(data: Float32Array<ArrayBuffer>, rows: number, columns: number): Matrix {
  const tensor = Tensor.create(gpu, 'matrix', [data.length]);
  tensor.write(data);
  return matrix(tensor, rows, columns);
}

/** Offsets of the elements of a matrix in its tensor, in row-major order. */
const offsetsOf = ({ rows, columns, first, rowStride, columnStride }: Matrix): number[] =>
  Array.from({ length: rows * columns }, (_, index) => {
    return first + Math.floor(index / columns) * rowStride + (index % columns) * columnStride;
  });

/** The elements of a matrix in row-major order. */
async function elementsOf(of: Matrix): Promise<Float32Array<ArrayBuffer>> {
  const data = await of.tensor.read();
  return Float32Array.from(offsetsOf(of), (offset) => data[offset]);
}

async function run(record: (plan: Plan) => void): Promise<void> {
  const plan = new Plan(gpu);
  record(plan);
  await plan.optimized();
  gpu.submit('matrices', (pass) => plan.encode(pass, 0));
}

/**
 * A tile of each kernel, and the one that is chosen most, which meet every layout and every edge. Larger ones of the same kernel
 * repeat the same code, which takes seconds to compile: each layout of either factor and each edge is met by some of them.
 */
const { registerTile8, block, splitK4, workgroupTile64 } = productTiles;
const THOROUGH: readonly ProductTile[] = [registerTile8, block, splitK4, workgroupTile64];

/** Sizes at and beside the edges of blocks, strips and tiles. */
const EDGES = [1, 2, 7, 8, 9, 63, 64, 65, 130];

describe.each(Object.values(productTiles))('product, $name', (tile) => {
  const isThorough = THOROUGH.includes(tile);
  const own = Object.values(productTiles).indexOf(tile) % 3;
  type Random = ReturnType<typeof rng>;
  const anEdge = (random: Random) => EDGES[random.integer(0, EDGES.length - 1)];

  /** A matrix of random numbers that may be a transpose, or a selection of rows and columns of a larger matrix. */
  function laidOut(random: Random, rows: number, columns: number): Matrix {
    const isTransposed = random.integer(0, 1) === 1;
    const [high, wide] = isTransposed ? [columns, rows] : [rows, columns];
    const [above, left, stride] = [random.integer(0, 2), random.integer(0, 3), random.integer(1, 4)];
    const [allRows, allColumns] = [above + high + 1, left + wide * stride];
    const all = filled(random.array(allRows * allColumns, 1), allRows, allColumns);
    const part = columnsOf(rowsOf(all, above, high), { first: left, count: wide, stride });
    return isTransposed ? transposed(part) : part;
  }

  /** The same, with all elements in aligned vectors of four. */
  function inFours(random: Random, rows: number, columns: number, isTransposed: boolean): Matrix {
    const [high, wide] = isTransposed ? [columns, rows] : [rows, columns];
    const [above, left, right] = [random.integer(0, 2), 4 * random.integer(0, 2), 4 * random.integer(0, 1)];
    const allColumns = left + wide + right;
    const all = filled(random.array((above + high) * allColumns, 1), above + high, allColumns);
    const part = columnsOf(rowsOf(all, above, high), { first: left, count: wide, stride: 1 });
    return isTransposed ? transposed(part) : part;
  }

  const layouts = [false, true].flatMap((ofA) => [false, true].map((ofB) => ({ ofA, ofB })));
  test.each(layouts.filter(({ ofA, ofB }) => isThorough || ofA !== ofB))(
    'in vectors of four, a transposed: $ofA, b transposed: $ofB',
    async ({ ofA, ofB }) => {
      const random = rng(randomSeed());
      const [rows, inner, columns] = [4, 4, 4].map((four) => four * random.integer(1, 33));
      const a = inFours(random, rows, inner, ofA);
      const withBias = inFours(random, inner + (ofB ? 0 : 1), columns, ofB);
      const b = rowsOf(withBias, 0, inner);
      const out = filled(unwritten(rows * columns), rows, columns);
      await run((plan) => recordProduct(plan, { a, b, out, addBias: !ofB }, { candidate: tile, throughput: 1e9 }));
      const bias = (await elementsOf(withBias)).slice(inner * columns);
      const expected = product(await elementsOf(a), await elementsOf(b), rows, inner, columns);
      const sums = expected.map((sum, index) => sum + (ofB ? 0 : bias[index % columns]));
      expectClose(await out.tensor.read(), sums, sumOf(inner + 1, `a [${rows}, ${inner}] · b [${inner}, ${columns}]`));
    },
  );

  const cases: [name: string, sizes: { rows?: number; inner?: number; columns?: number }][] = [
    ['one row', { rows: 1 }],
    ['one column', { columns: 1 }],
    ['one factor', { inner: 1 }],
    ['several workgroups', { rows: 130, inner: 65, columns: 130 }],
  ];
  test.each(cases.filter((_, edge) => isThorough || edge === own || edge === 3))('%s', async (_, sizes) => {
    const random = rng(randomSeed());
    const { rows = anEdge(random), inner = anEdge(random), columns = anEdge(random) } = sizes;
    const addBias = random.integer(0, 1) === 1;
    const a = laidOut(random, rows, inner);
    const withBias = laidOut(random, inner + 1, columns);
    const b = rowsOf(withBias, 0, inner);
    const out = laidOut(random, rows, columns);
    const before = await out.tensor.read();
    // At the low throughput a dispatch holds 64 rows, at the high one a single dispatch is enough.
    const throughput = random.integer(0, 1) === 1 ? 1 : 1e9;

    await run((plan) => recordProduct(plan, { a, b, out, addBias }, { candidate: tile, throughput }));
    const bias = (await elementsOf(withBias)).slice(inner * columns);
    const expected = product(await elementsOf(a), await elementsOf(b), rows, inner, columns);
    const sums = expected.map((sum, index) => sum + (addBias ? bias[index % columns] : 0));
    const offsets = offsetsOf(out);
    const after = Float64Array.from(before);
    offsets.forEach((offset, index) => (after[offset] = sums[index]));
    const what = `a [${rows}, ${inner}] · b [${inner}, ${columns}], and what lies around it`;
    expectClose(await out.tensor.read(), after, sumOf(inner + 1, what));
  });

  test('gives the same bits twice, and a sum of one number over and over', async () => {
    const random = rng(randomSeed());
    const b = filled(random.array(300 * 30, 1), 300, 30);
    const one = filled(new Float32Array([1]), 1, 1).tensor;
    const results = [];
    for (let time = 0; time < 2; time++) {
      const out = filled(unwritten(30), 1, 30);
      await run((plan) =>
        recordProduct(plan, { a: repeated(one, 1, 300), b, out }, { candidate: tile, throughput: 1e9 }),
      );
      results.push(await elementsOf(out));
    }
    expect(results[0]).toEqual(results[1]);
    const ones = new Float64Array(300).fill(1);
    expectClose(results[0], product(ones, await elementsOf(b), 1, 300, 30), sumOf(300, 'sums of columns'));
  });
});

describe('elements are loaded', () => {
  const tight = { A_FIRST: 8, A_ROW: 12, A_COLUMN: 1, B_FIRST: 4, B_ROW: 16, B_COLUMN: 1, ADD_BIAS: 1 };
  const sizes = { ROWS: 5, INNER: 8, COLUMNS: 16, OUT_FIRST: 1, OUT_ROW: 16, OUT_COLUMN: 1 };
  const turnedA = { A_ROW: 1, A_COLUMN: 8, ROWS: 8 };
  const turnedB = { B_ROW: 1, B_COLUMN: 8, ADD_BIAS: 0 };

  test.each([
    ['four at once', {}, 'vectors'],
    ['four at once, a transposed', turnedA, 'vectors'],
    ['four at once, b transposed', turnedB, 'vectors'],
    ['one by one, as quads need factors of both in an order of their own', { ...turnedA, ...turnedB }, 'scalars'],
    ['one by one, as a begins between vectors', { A_FIRST: 2 }, 'scalars'],
    ['one by one, as rows of b do', { B_ROW: 18 }, 'scalars'],
    ['one by one, as the last vector of a row of a has too many', { INNER: 7 }, 'scalars'],
    ['one by one, as columns lie apart', { B_COLUMN: 4, B_ROW: 64 }, 'scalars'],
    ['one by one, as the last rows of a transpose are no vector', { ...turnedA, ROWS: 6 }, 'scalars'],
    ['one by one, as a bias does not lie along a transpose', { ...turnedB, ADD_BIAS: 1 }, 'scalars'],
  ])('%s', (_, changed, expected) => {
    expect(loadWidth({ ...sizes, ...tight, ...changed })).toBe(expected);
  });
});

test.each([
  [{ ROWS: 512, INNER: 512, COLUMNS: 512 }, 'registerTile32'],
  [{ ROWS: 73, INNER: 1280, COLUMNS: 256 }, 'registerTile32'],
  [{ ROWS: 1280, INNER: 8, COLUMNS: 256 }, 'registerTile16'],
  [{ ROWS: 8, INNER: 1280, COLUMNS: 256 }, 'registerTile8'],
  [{ ROWS: 1, INNER: 128, COLUMNS: 512 }, 'block'],
  [{ ROWS: 64, INNER: 64, COLUMNS: 1 }, 'block'],
  [{ ROWS: 64, INNER: 1280, COLUMNS: 1 }, 'block'],
  [{ ROWS: 64, INNER: 2560, COLUMNS: 1 }, 'splitK4'],
  [{ ROWS: 1, INNER: 6400, COLUMNS: 1 }, 'block'],
  [{ ROWS: 1, INNER: 12_800, COLUMNS: 12 }, 'splitK16'],
  [{ ROWS: 4, INNER: 64_000, COLUMNS: 1 }, 'splitK64'],
] as const)('of %o the tile is %s on a software adapter', (sizes, name) => {
  expect(productTile({ adapterClass: 'software' }, sizes)).toBe(productTiles[name]);
});

test('a long product is cut into dispatches of about 50 ms, of 64 rows at the least', () => {
  const [a, b] = [filled(new Float32Array(200 * 10), 200, 10), filled(new Float32Array(10 * 10), 10, 10)];
  const out = filled(new Float32Array(200 * 10), 200, 10);
  const dispatches = (throughput: number) => {
    const plan = new Plan(gpu);
    recordProduct(plan, { a, b, out }, { candidate: productTiles.block, throughput });
    return plan.length;
  };
  // 200 rows of 100 multiply-adds each.
  expect([1e9, 512, 511, 256, 255, 1].map(dispatches)).toEqual([1, 1, 2, 2, 4, 4]);
  // A throughput that no clock can have measured changes how often it is cut, never the product.
  expect([Infinity, 1e300, 0, -1, NaN].map(dispatches)).toEqual([1, 1, 4, 4, 4]);
});

describe.each([
  { rows: 1, features: 1, units: 1, width: 4 },
  { rows: 7, features: 3, units: 4, width: 16 },
  { rows: 35, features: 2, units: 33, width: 132 },
  { rows: 65, features: 31, units: 0, width: 1 },
  { rows: 130, features: 63, units: 9, width: 36 },
])('products of $rows rows with weights of $features features, $units units, width $width', (sizes) => {
  const { rows, features, units, width } = sizes;
  const height = features + 1 + units;

  async function products(record: (products: GradientProducts) => void, weights: Tensor, gradient: Tensor) {
    await run((plan) => {
      const tensor: Recording['tensor'] = (label, shape, data) => Tensor.planned(gpu, label, shape, data);
      const views = { weights: [weights], gradients: [gradient] };
      const recording: Partial<Recording> = { plan, tensor, ...views, decide: decideByRule };
      record(new GradientProducts(recording as Recording, { rows, features, width }));
    });
  }
  const random = rng(7);
  const of = (high: number, wide: number) => filled(random.array(high * wide, 1), high, wide).tensor;
  const nothing = (high: number, wide: number) => filled(unwritten(high * wide), high, wide).tensor;
  const stacked = (high: number, ...parts: [Numbers, number][]) =>
    Array.from({ length: high }, (_, row) =>
      parts.flatMap(([data, wide]) => Array.from({ length: wide }, (_, column) => data[row * wide + column])),
    ).flat();
  const ones = new Float32Array(rows).fill(1);

  test('forward and back to the input', async () => {
    const [input, weights, d] = [of(rows, features), of(height, width), of(rows, width)];
    const [out, dx] = [nothing(rows, width), nothing(rows, features)];
    await products(
      (recorded) => {
        recorded.forward(input, out);
        recorded.inputGradient(d, dx);
      },
      weights,
      weights,
    );
    const left = stacked(rows, [await input.read(), features], [ones, 1]);
    const kernel = await weights.read();
    expectClose(await out.read(), product(left, kernel, rows, features + 1, width), sumOf(features + 1, 'out'));
    const back = transpose(kernel.subarray(0, features * width), [features, width]);
    expectClose(await dx.read(), product(await d.read(), back, rows, width, features), sumOf(width, 'dx'));
  });

  test('gradient of kernel, bias and recurrent kernel', async () => {
    const [input, d, gradient] = [of(rows, features), of(rows, width), nothing(height, width)];
    const hidden = of(rows, Math.max(1, units));
    const recurrent = units > 0 ? { hidden, units } : undefined;
    await products((recorded) => recorded.weightGradient({ input, d, hasBias: true, recurrent }), gradient, gradient);
    const left = stacked(rows, [await input.read(), features], [ones, 1], [await hidden.read(), units]);
    const expected = product(transpose(left, [rows, height]), await d.read(), height, rows, width);
    expectClose(await gradient.read(), expected, sumOf(rows, 'gradient'));
  });

  test('gradient with a bias of the recurrent product', async () => {
    if (units === 0) return;
    const [input, d, hidden, dHidden] = [of(rows, features), of(rows, width), of(rows, units), of(rows, width)];
    const gradient = nothing(height + 1, width);
    const recurrent = { hidden, units, d: dHidden };
    await products((recorded) => recorded.weightGradient({ input, d, hasBias: true, recurrent }), gradient, gradient);
    const [above, below] = [
      stacked(rows, [await input.read(), features], [ones, 1]),
      stacked(rows, [ones, 1], [await hidden.read(), units]),
    ];
    const expected = [
      ...product(transpose(above, [rows, features + 1]), await d.read(), features + 1, rows, width),
      ...product(transpose(below, [rows, units + 1]), await dHidden.read(), units + 1, rows, width),
    ];
    expectClose(await gradient.read(), expected, sumOf(rows, 'gradient'));
  });
});
