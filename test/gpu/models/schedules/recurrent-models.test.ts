import { describe, expect, onTestFinished, test } from 'vitest';
import { adam, dense, gru, lstm, sequential, simpleRnn, type SequentialOptions } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';

async function make(options: SequentialOptions) {
  const model = await sequential(gpu, options);
  onTestFinished(() => model.dispose());
  return model;
}

describe('small models with options that one workgroup may not know train alike on both schedules', () => {
  const head = dense({ units: 1, activation: 'sigmoid' });
  const cases = {
    'other activations': [lstm({ units: 4, activation: 'softsign', recurrentActivation: 'hardSigmoid' }), head],
    'no bias': [lstm({ units: 4, useBias: false }), head],
    'a head without bias': [lstm({ units: 4 }), dense({ units: 1, activation: 'sigmoid', useBias: false })],
    backwards: [lstm({ units: 4, goBackwards: true }), head],
    'a gru': [gru({ units: 4 }), head],
    'a simple layer': [simpleRnn({ units: 4 }), head],
  };
  test.each(Object.entries(cases))('%s', async (_name, layers) => {
    const seed = randomSeed();
    const run = async (schedule: 'auto' | 'layered') => {
      const random = rng(seed);
      const model = await make({ inputShape: [5, 2], layers, seed: 3, schedule });
      model.compile({ optimizer: adam({ learningRate: 0.02, epsilon: 1e-2 }), loss: 'binaryCrossentropy' });
      const before = await weightsOf(model);
      for (let step = 0; step < 3; step++) {
        const y = Array.from({ length: 3 }, () => random.integer(0, 1));
        await model.trainOnBatch(array(random.array(30, 1), [3, 5, 2]), array(y, [3, 1]));
      }
      return { before, after: await weightsOf(model) };
    };
    const [auto, layered] = [await run('auto'), await run('layered')];
    auto.after.forEach((weight, n) => {
      const close = { atol: 5e-6, rtol: 5e-6, reason: 'the same sums in another order, over three steps' };
      expectClose(weight, layered.after[n], { ...close, what: `weight ${n}` });
      expect(weight).not.toEqual(auto.before[n]);
    });
  });
});

describe('a state carried from batch to batch is that of one long sequence', () => {
  const kinds = {
    lstm: (stateful: boolean) => lstm({ units: 5, stateful }),
    gru: (stateful: boolean) => gru({ units: 5, stateful }),
    'gru, reset before': (stateful: boolean) => gru({ units: 5, stateful, resetAfter: false }),
    simpleRnn: (stateful: boolean) => simpleRnn({ units: 5, stateful }),
  };
  test.each(Object.entries(kinds))('%s', async (_name, layer) => {
    const x = rng(randomSeed()).array(3 * 6 * 2, 1);
    const part = (from: number) =>
      array(
        x.filter((_, n) => Math.floor((n % 12) / 6) === from),
        [3, 3, 2],
      );
    const options = { inputShape: [null, 2] as const, seed: 3, batchSize: 3 };
    const whole = await make({ ...options, layers: [layer(false)] });
    const halves = await make({ ...options, layers: [layer(true)] });
    const { data } = await whole.predictOnBatch(array(x, [3, 6, 2]));
    const { data: first } = await halves.predictOnBatch(part(0));
    const { data: second } = await halves.predictOnBatch(part(1));
    expectClose(second, data, { atol: 1e-7, rtol: 0, what: 'the last output', reason: 'the same operations' });
    expect(first).not.toEqual(second);
  });
});

test('weights take the name that a layer was given, and a GRU has two biases', async () => {
  const layers = [
    gru({ units: 2, returnSequences: true, name: 'encoder' }),
    gru({ units: 1, returnSequences: true, resetAfter: false }),
    simpleRnn({ units: 3, useBias: false }),
    dense({ units: 1, name: 'head' }),
  ];
  const model = await make({ inputShape: [4, 3], layers });
  expect((await model.getWeights()).map(({ name, shape }) => [name, ...shape])).toEqual([
    ['encoder/kernel', 3, 6],
    ['encoder/recurrentKernel', 2, 6],
    ['encoder/bias', 2, 6],
    ['gru_1/kernel', 2, 3],
    ['gru_1/recurrentKernel', 1, 3],
    ['gru_1/bias', 3],
    ['simpleRnn/kernel', 1, 3],
    ['simpleRnn/recurrentKernel', 3, 3],
    ['head/kernel', 3, 1],
    ['head/bias', 1],
  ]);
});

test('the forget gate begins with ones unless told otherwise, the rest as the initializer says', async () => {
  const biasOf = async (unitForgetBias: boolean) => {
    const layer = lstm({ units: 2, biasInitializer: { constant: 0.25 }, unitForgetBias });
    return [...(await weightsOf(await make({ inputShape: [1, 1], layers: [layer] })))[2]];
  };
  expect(await biasOf(true)).toEqual([0.25, 0.25, 1, 1, 0.25, 0.25, 0.25, 0.25]);
  expect(await biasOf(false)).toEqual([0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]);
});
