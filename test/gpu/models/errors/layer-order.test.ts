import { describe, expect, onTestFinished, test } from 'vitest';
import {
  activation,
  bidirectional,
  dense,
  embedding,
  lastStep,
  lstm,
  masking,
  repeatVector,
  sequential,
  sgd,
} from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

describe('a layer refuses', () => {
  test.each([
    ['an embedding of sequences', [4, 1], [embedding({ inputDim: 2, outputDim: 2 })], 'expected [timesteps]'],
    [
      'an embedding behind another layer',
      [4],
      [dense({ units: 3 }), embedding({ inputDim: 2, outputDim: 2 })],
      'first',
    ],
    ['any number of features', [null], [activation('tanh')], 'Use null as timesteps alone'],
    ['any number of features of a dense layer', [null], [dense({ units: 1 })], 'Use null as timesteps alone'],
    ['any number of features of a recurrent layer', [null], [lstm({ units: 1 })], 'Use null as timesteps alone'],
    ['masking of vectors', [4], [masking()], 'expected [timesteps, features]'],
    ['the last step of vectors', [4], [lastStep()], 'expected [timesteps, features]'],
    [
      'repeating a sequence',
      [4, 1],
      [lstm({ units: 1, returnSequences: true }), repeatVector(2)],
      'expected [features]',
    ],
  ])('%s', async (_what, inputShape, layers, message) => {
    await expect(sequential(gpu, { inputShape, layers })).rejects.toThrow(message);
  });
});

describe('fit with truncate refuses', () => {
  const inner = { units: 2, stateful: true, returnSequences: true };
  test.each([
    ['a bidirectional layer', [4, 1], [bidirectional(lstm(inner), { mergeMode: 'sum' })]],
    ['a layer that reads backwards', [4, 1], [lstm({ ...inner, goBackwards: true })]],
    ['a repeated vector', [4, 1], [lstm({ ...inner, returnSequences: false }), repeatVector(4), lstm(inner)]],
  ])('%s', async (_what, inputShape, layers) => {
    const model = await sequential(gpu, { inputShape, batchSize: 1, layers });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
    const x = { data: new Float32Array(4), shape: [1, ...inputShape] };
    const y = { data: new Float32Array(8), shape: [1, 4, 2] };
    await expect(model.fit(x, y, { truncate: 2 })).rejects.toThrow('needs them whole');
    await expect(model.fit(x, y)).resolves.toBeDefined();
  });
});
