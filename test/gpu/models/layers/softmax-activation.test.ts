import { expect, onTestFinished, test } from 'vitest';
import {
  activation,
  categoricalCrossentropy,
  dense,
  lstm,
  sequential,
  sgd,
  type CompileOptions,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';

const [COUNT, STEPS, CLASSES] = [4, 3, 5];

/** What becomes of a model that ends with these layers. */
async function trained(layers: SequentialOptions['layers'], loss: CompileOptions['loss'], seed: number) {
  const random = rng(seed);
  const x = array(random.array(COUNT * STEPS * 2, 1), [COUNT, STEPS, 2]);
  const chosen = Array.from({ length: COUNT * STEPS }, () => random.integer(0, CLASSES - 1));
  const y = array(chosen.flatMap((k) => Array.from({ length: CLASSES }, (_, n) => (n === k ? 1 : 0))), [COUNT, STEPS, CLASSES]); // prettier-ignore
  const first = lstm({ units: 4, returnSequences: true });
  const model = await sequential(gpu, { inputShape: [STEPS, 2], layers: [first, ...layers], seed: 1 });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss, metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 3 });
  return { history, weights: await weightsOf(model), prediction: await model.predict(x) };
}

test.each([
  ['a loss that computes the softmax itself', 'categoricalCrossentropy', []],
  ['a loss of its outputs', categoricalCrossentropy({ clipped: true }), []],
  ['a layer behind it', 'mse', [dense({ units: CLASSES })]],
] as const)("activation('softmax') is the softmax of a dense layer, in front of %s", async (_what, loss, behind) => {
  const seed = randomSeed();
  const inside = await trained([dense({ units: CLASSES, activation: 'softmax' }), ...behind], loss, seed);
  const outside = await trained([dense({ units: CLASSES }), activation('softmax'), ...behind], loss, seed);
  expect(outside).toEqual(inside);
  expect(inside.history.loss[1]).not.toBe(inside.history.loss[0]);
});

test.each([
  ['mse', 'meanSquaredError'],
  ['mae', 'meanAbsoluteError'],
] as const)('the loss %s is %s', async (short, long) => {
  const seed = randomSeed();
  const layers = [dense({ units: CLASSES })];
  expect(await trained(layers, short, seed)).toEqual(await trained(layers, long, seed));
});
