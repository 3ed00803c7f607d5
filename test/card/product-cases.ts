import { matrix, transposed } from '../../src/models/operations/products/matrix.ts';
import { productTiles } from '../../src/models/operations/products/product-tiles.ts';
import { recordProduct } from '../../src/models/operations/products/product.ts';
import { Plan } from '../../src/runtime/plan.ts';
import { Tensor } from '../../src/runtime/tensor.ts';
import { gpu } from '../gpu/gpu.ts';
import { unwritten } from '../gpu/run-kernel.ts';
import { rng } from '../harness/random.ts';
import { product, transpose } from '../reference/arrays.ts';
import { type Case, freshSeed } from './case.ts';

/** Rows, factors and columns: beside and at the edges of tiles, in vectors of four and not. */
const sizes = [
  [1, 1, 1],
  [130, 65, 63],
  [64, 128, 64],
  [7, 300, 9],
  [68, 36, 132],
  [257, 33, 31],
] as const;

/** Sums of up to 300 products, rounded to 6e-8 each, of numbers around 1. */
const TOLERANCE = 6e-5;

/** Every tile with every size; either factor by rows and by columns. */
export function productCases(): Case[] {
  return Object.values(productTiles).flatMap((tile) =>
    sizes.flatMap(([rows, inner, columns]) =>
      [false, true].flatMap((turnsA) =>
        [false, true].map((turnsB): Case => {
          const seed = freshSeed();
          const turned = [turnsA && 'a transposed', turnsB && 'b transposed'].filter(Boolean);
          return {
            group: 'products',
            name: [`${rows} × ${inner} × ${columns}`, tile.name, ...turned].join(', '),
            seed,
            tolerance: TOLERANCE,
            prepare() {
              const random = rng(seed);
              const [a, b] = [random.array(rows * inner, 1), random.array(inner * columns, 1)];
              return {
                expected: () => ({ out: product(a, b, rows, inner, columns) }),
                async run() {
                  const made: Tensor[] = [];
                  const filled = (data: Float32Array<ArrayBuffer>, shape: readonly [number, number]) => {
                    const tensor = Tensor.create(gpu, 'matrix', shape);
                    tensor.write(data);
                    made.push(tensor);
                    return matrix(tensor, ...shape);
                  };
                  const laidOut = (data: Float32Array<ArrayBuffer>, high: number, wide: number, isTurned: boolean) =>
                    isTurned
                      ? transposed(filled(Float32Array.from(transpose(data, [high, wide])), [wide, high]))
                      : filled(data, [high, wide]);
                  const out = filled(unwritten(rows * columns), [rows, columns]);
                  const factors = { a: laidOut(a, rows, inner, turnsA), b: laidOut(b, inner, columns, turnsB) };
                  const plan = new Plan(gpu);
                  recordProduct(plan, { ...factors, out }, { candidate: tile, throughput: 1e9 });
                  await plan.ready();
                  gpu.submit('product', (pass) => plan.encode(pass, 0));
                  const seen = await out.tensor.read();
                  for (const tensor of made) tensor.dispose();
                  return { out: seen };
                },
              };
            },
          };
        }),
      ),
    ),
  );
}
