import { describe, expect, test } from 'vitest';
import { lstm } from '../../../src/models/network/layers/lstm.ts';
import type { Recording } from '../../../src/models/network/layers/layer.ts';
import { matrix } from '../../../src/models/operations/products/matrix.ts';
import { productTiles } from '../../../src/models/operations/products/product-tiles.ts';
import { recordProduct } from '../../../src/models/operations/products/product.ts';
import { Plan } from '../../../src/runtime/plan.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { runLayer, type LayerRun } from '../run-layer.ts';
import { unwritten } from '../run-kernel.ts';

/** Runs the baseline of each dispatch that has one. */
class BaselinePlan extends Plan {
  baselines = 0;

  override add(...[kernel, bindings, constants, grid, baseline]: Parameters<Plan['add']>): void {
    if (baseline) this.baselines++;
    super.add(kernel, bindings, baseline?.constants ?? constants, baseline?.grid ?? grid);
  }
}

// Other adapters have no baselines: what a card compiles in milliseconds needs none.
describe.runIf(gpu.isSoftware)('a baseline gives the bits of the optimized kernel:', () => {
  test.each(['registerTile16', 'registerTile32'] as const)('product, %s', async (name) => {
    const random = rng(randomSeed());
    for (const isInVectors of [true, false]) {
      const four = isInVectors ? 4 : 1;
      const [rows, inner, columns] = [130, 40, 70].map((most) => four * random.integer(1, most / four));
      const filled = (high: number, wide: number, data = random.array(high * wide, 1)) => {
        const tensor = Tensor.create(gpu, 'matrix', [high, wide]);
        tensor.write(data);
        return matrix(tensor, high, wide);
      };
      const [a, b] = [filled(rows, inner), filled(inner + 1, columns)];
      const results = [];
      for (const plan of [new Plan(gpu), new BaselinePlan(gpu)]) {
        const out = filled(rows, columns, unwritten(rows * columns));
        recordProduct(
          plan,
          { a, b: { ...b, rows: inner }, out, addBias: true },
          { candidate: productTiles[name], throughput: 1e9 },
        );
        await plan.optimized();
        gpu.submit('product', (pass) => plan.encode(pass, 0));
        results.push(await out.tensor.read());
        expect(plan instanceof BaselinePlan ? plan.baselines : 1).toBe(1);
      }
      expect(results[0]).toEqual(results[1]);
    }
  });

  test.each([
    { batch: 67, schedule: 'fused' },
    { batch: 67, schedule: 'stepped' },
    { batch: 13, schedule: 'fused' },
    { batch: 13, schedule: 'stepped' },
  ])('LSTM of $batch rows, $schedule, forward and backward', async ({ batch, schedule }) => {
    const random = rng(randomSeed());
    const [steps, features, units] = [4, 3, random.integer(5, 40)];
    const run: LayerRun = {
      shape: [batch, steps, features],
      x: random.array(batch * steps * features, 1),
      weights: [features * 4 * units, units * 4 * units, 4 * units].map((size) => random.array(size, 0.5)),
      mask: Float32Array.from({ length: batch * steps }, () => random.integer(0, 3) && 1),
      initial: [0, 1].map(() => random.array(batch * units, 0.7)),
      outputGradient: random.array(batch * steps * units, 1),
    };
    const decide: Recording['decide'] = (_, { candidates }) => ({
      candidate: candidates.find(({ name }) => name.startsWith(schedule)) ?? candidates[0],
      throughput: 1e9,
    });
    const plan = new BaselinePlan(gpu);
    const layer = lstm({ units, returnSequences: true });
    const { passedMask: _, ...baseline } = await runLayer(layer, { ...run, plan }, decide);
    const optimized = await runLayer(layer, run, decide);
    expect(plan.baselines).toBeGreaterThanOrEqual(schedule === 'stepped' ? 2 * steps : 2);
    expect(optimized).toMatchObject(baseline);
  });
});
