import { describe, expect, test } from 'vitest';
import { gru } from '../../../src/models/network/layers/gru.ts';
import type { Recording } from '../../../src/models/network/layers/layer.ts';
import { lstm } from '../../../src/models/network/layers/lstm.ts';
import { simpleRnn } from '../../../src/models/network/layers/simple-rnn.ts';
import { matrix, transposed } from '../../../src/models/operations/products/matrix.ts';
import { productTiles } from '../../../src/models/operations/products/product-tiles.ts';
import { recordProduct } from '../../../src/models/operations/products/product.ts';
import { generalVariantOf } from '../../../src/runtime/generalize.ts';
import { generalSumThreads, sumThreads, type KernelContract } from '../../../src/runtime/kernel.ts';
import { Plan } from '../../../src/runtime/plan.ts';
import { SizesTable } from '../../../src/runtime/sizes-table.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { regressionLoss } from '../../../src/shaders/losses/regression-loss.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { runLayer, type LayerRun } from '../run-layer.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

/** Runs the baseline of each dispatch that has one: the general variant of its kernel, with smaller tiles where there are such. */
class BaselinePlan extends Plan {
  readonly table = new SizesTable(gpu);
  baselines = 0;

  override add(
    ...[kernel, bindings, constants, grid = kernel.grid(constants), baseline]: Parameters<Plan['add']>
  ): void {
    const own = baseline ?? { constants, grid };
    const general = generalVariantOf(kernel as KernelContract, own, gpu.device.limits);
    if (!general) return super.add(kernel, bindings, constants, grid);
    this.baselines++;
    const sizes = { binding: this.table.binding(general.sizes), byteLength: 4 * general.sizes.length };
    super.add(general.kernel, { ...bindings, sizes } as unknown as typeof bindings, general.constants, general.grid);
  }
}

// Other adapters have no baselines: what a card compiles in milliseconds needs none.
describe.runIf(gpu.isSoftware)('a baseline gives the bits of the optimized kernel:', () => {
  const tiles = (Object.keys(productTiles) as (keyof typeof productTiles)[]).filter(
    (name) => !name.startsWith('workgroup'),
  );

  test.each(tiles)('product, %s', async (name) => {
    const random = rng(randomSeed());
    const turn = random.integer(0, 1);
    for (const [n, four] of [1, 4].entries()) {
      const isTransposed = n === turn;
      const [rows, inner, columns] = [130, 40, 70].map((most) => four * random.integer(1, most / four));
      const filled = (high: number, wide: number, data = random.array(high * wide, 1)) => {
        const tensor = Tensor.create(gpu, 'matrix', [high, wide]);
        tensor.write(data);
        return matrix(tensor, high, wide);
      };
      const a = isTransposed ? transposed(filled(inner, rows)) : filled(rows, inner);
      const b = filled(inner + 1, columns);
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

  test('a loss, summed by more threads than elements', async () => {
    const random = rng(randomSeed());
    for (let n = 0; n < 4; n++) {
      const [ROWS, FEATURES] = [random.integer(1, 40), random.integer(1, 9)];
      const size = ROWS * FEATURES;
      const [prediction, target_value] = [random.array(size, 1), random.array(size, 1)];
      const { limits } = gpu.device;
      const [few, many] = await Promise.all(
        [sumThreads(size, limits), generalSumThreads({}, limits).THREADS].map((THREADS) =>
          runKernel(
            regressionLoss,
            {
              update: update({ row_count: ROWS }),
              prediction,
              target_value,
              weights: [0],
              gradient: unwritten(size),
              journal: unwritten(1),
            },
            { STEPS: 1, ROWS, FEATURES, COLUMNS: 1, COLUMN: 0, THREADS, WEIGHTED: 0, KIND: 0, DELTA: 1 },
          ),
        ),
      );
      expect(many).toEqual(few);
    }
  });

  const layers = { lstm, gru, simpleRnn };
  const options = [{}, { returnSequences: true }, { goBackwards: true }, { recurrentDropout: 0.3 }];
  const cases = [
    { kind: 'lstm', batch: 1, schedule: 'fused' },
    { kind: 'lstm', batch: 13, schedule: 'stepped' },
    { kind: 'lstm', batch: 67, schedule: 'fused' },
    { kind: 'lstm', batch: 67, schedule: 'stepped' },
    { kind: 'gru', batch: 1, schedule: 'fused' },
    { kind: 'gru', batch: 67, schedule: 'fused' },
    { kind: 'simpleRnn', batch: 13, schedule: 'fused' },
    { kind: 'simpleRnn', batch: 67, schedule: 'fused' },
  ] as const;

  test.each(cases)('$kind of $batch rows, $schedule, forward and backward', async ({ kind, batch, schedule }) => {
    const random = rng(randomSeed());
    const [steps, features, units] = [random.integer(2, 6), random.integer(1, 9), random.integer(5, 40)];
    const own = options[random.integer(0, options.length - 1)];
    const layer = layers[kind]({ units, ...own });
    const gates = { lstm: 4, gru: 3, simpleRnn: 1 }[kind];
    const biases = kind === 'gru' ? 2 : 1;
    const outputs = 'returnSequences' in own ? steps : 1;
    const run: LayerRun = {
      shape: [batch, steps, features],
      x: random.array(batch * steps * features, 1),
      weights: [features * gates * units, units * gates * units, biases * gates * units].map((size) =>
        random.array(size, 0.5),
      ),
      mask: Float32Array.from({ length: batch * steps }, () => random.integer(0, 3) && 1),
      initial: [0, 1].map(() => random.array(batch * units, 0.7)),
      outputGradient: random.array(batch * outputs * units, 1),
    };
    const decide: Recording['decide'] = (_, { candidates }) => ({
      candidate: candidates.find(({ name }) => name.startsWith(schedule)) ?? candidates[0],
      throughput: 1e9,
    });
    const plan = new BaselinePlan(gpu);
    const { passedMask: _, ...baseline } = await runLayer(layer, { ...run, plan }, decide);
    const optimized = await runLayer(layer, { ...run, plan: new Plan(gpu) }, decide);
    expect(plan.baselines).toBeGreaterThanOrEqual(schedule === 'stepped' ? 2 * steps : 2);
    expect(optimized).toMatchObject(baseline);
  });
});
