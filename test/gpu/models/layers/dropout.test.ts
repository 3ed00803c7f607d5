import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, dropout, sequential, sgd, type SequentialOptions } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

async function build(inputShape: readonly number[], layers: SequentialOptions['layers'], seed?: number) {
  const model = await sequential(gpu, { inputShape, layers, seed });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
  return model;
}

/** A dense layer of weights 0 behind a dropout: its gradient shows which inputs came through in a training update. */
async function passing(features: number, options: Parameters<typeof dropout>[0], seed: number, updates = 1) {
  const model = await build([features], [dropout(options), dense({ units: 1 })], seed);
  await setWeights(model, [new Float32Array(features), [0]]);
  const x = array(new Float32Array(features).fill(1), [1, features]);
  const shown: number[][] = [];
  for (let update = 0; update < updates; update++) {
    await setWeights(model, [new Float32Array(features), [0]]);
    // The gradient of (0 - (-0.5))² by a weight is its input.
    await model.trainOnBatch(x, [[-0.5]]);
    shown.push([...(await weightsOf(model))[0]].map((weight) => -weight));
  }
  return shown;
}

describe('dropout in a model', () => {
  test('drops at its rate and scales the rest', async () => {
    const features = 10_000;
    const [first] = await passing(features, { rate: 0.3 }, randomSeed());
    const kept = first.filter((value) => value !== 0);
    // Six deviations.
    expect(Math.abs(kept.length - 0.7 * features)).toBeLessThan(6 * Math.sqrt(features * 0.21));
    expectClose(
      kept,
      kept.map(() => 1 / 0.7),
      { atol: 1e-6, rtol: 0, what: 'kept elements', reason: 'a rounding' },
    );
  });

  test('is repeated by the same seed, and draws anew for every update', async () => {
    const seed = randomSeed();
    const [a, b] = await passing(200, { rate: 0.5 }, seed, 2);
    expect(await passing(200, { rate: 0.5 }, seed, 2)).toEqual([a, b]);
    expect(b).not.toEqual(a);
    expect((await passing(200, { rate: 0.5 }, seed + 1))[0]).not.toEqual(a);
    expect((await passing(200, { rate: 0.5, seed: 1 }, seed))[0]).not.toEqual(a);
  });

  test('two layers draw different elements', async () => {
    const features = 200;
    const layers = [dropout({ rate: 0.5 }), dropout({ rate: 0.5 }), dense({ units: 1 })];
    const model = await build([features], layers, randomSeed());
    await setWeights(model, [new Float32Array(features), [0]]);
    await model.trainOnBatch(array(new Float32Array(features).fill(1), [1, features]), [[-0.5]]);
    const kept = (await weightsOf(model))[0].filter((weight) => weight !== 0).length;
    // Both keep a quarter together; if they were alike, half would come through.
    expect(Math.abs(kept - features / 4)).toBeLessThan(6 * Math.sqrt(features * 0.1875));
  });

  test('passes gradients where it passed values', async () => {
    const units = 500;
    const random = rng(randomSeed());
    const model = await build(
      [1],
      [dense({ units }), dropout({ rate: 0.4 }), dense({ units: 1 })],
      random.integer(0, 1e9),
    );
    const before = [random.array(units, 1), random.array(units, 1), random.array(units, 0.02), Float32Array.of(0)];
    await setWeights(model, before);
    await model.trainOnBatch([[1]], [[3]]);
    const gradients = (await weightsOf(model)).map((after, n) => after.map((value, k) => before[n][k] - value));
    const [, hiddenBias, kernel, outputBias] = gradients;
    // kernel: m h d, hidden bias: m w d, output bias: d, with m either 0 or 1 / 0.6.
    const factors = [...kernel].map((g, k) => g / (before[0][k] + before[1][k]) / outputBias[0]);
    expectClose(
      hiddenBias,
      factors.map((factor, k) => (factor === 0 ? 0 : before[2][k] * outputBias[0]) / 0.6),
      { atol: 2e-6, rtol: 1e-5, what: 'gradient in front of the dropout', reason: 'differences of rounded weights' },
    );
    const dropped = factors.filter((factor) => factor === 0).length;
    expect(Math.abs(dropped - 0.4 * units)).toBeLessThan(6 * Math.sqrt(units * 0.24));
  });

  test('changes nothing outside of training', async () => {
    const random = rng(randomSeed());
    const model = await build([50], [dropout({ rate: 0.9 })]);
    const x = array(random.array(100, 1), [2, 50]);
    expect([...(await model.predict(x)).data]).toEqual([...x.data]);
    expect(await model.evaluate(x, x)).toEqual({ loss: 0 });
    expect((await model.trainOnBatch(x, x)).loss).toBeGreaterThan(0.1);
  });
});
