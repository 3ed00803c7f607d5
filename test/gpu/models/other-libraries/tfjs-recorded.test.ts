import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, embedding, lstm, sequential, sgd, simpleRnn, type SequentialOptions } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { tfjsUnitTests } from '../../../golden/tfjs-unit-tests.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations' };

async function make(inputShape: readonly number[], layers: SequentialOptions['layers'], batchSize?: number) {
  const model = await sequential(gpu, { inputShape, layers, batchSize });
  onTestFinished(() => model.dispose());
  return model;
}

/** All weights 1; `biases` too, or 0. */
const ones = (biases: 'ones' | 'zeros') =>
  ({
    kernelInitializer: 'ones',
    recurrentInitializer: 'ones',
    biasInitializer: biases,
    unitForgetBias: false,
  }) as const;
const gates = { recurrentActivation: 'hardSigmoidLegacy' } as const;
const head = dense({ units: 1, kernelInitializer: 'ones', useBias: false });
const words = embedding({ inputDim: 10, outputDim: 4, maskZero: true, embeddingsInitializer: 'ones' });
const masked = (returnSequences = false, stateful = false) =>
  lstm({ units: 3, ...ones('zeros'), ...gates, returnSequences, stateful });

const onesOf = (...shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return array(new Float32Array(size).fill(1), shape);
};
const each = (values: readonly number[], times: number) => values.flatMap((value) => Array<number>(times).fill(value));

describe('the unit tests of the LSTM in TensorFlow.js', () => {
  test('one step after the other', async () => {
    const { output_t0, output_t1, h, c } = tfjsUnitTests['LSTM Tensor golden'].expected;
    const layer = lstm({ units: 5, ...ones('ones'), ...gates, returnSequences: true, stateful: true });
    const model = await make([2, 2], [layer], 4);
    const { data } = await model.predictOnBatch(onesOf(4, 2, 2));
    const row = each([output_t0, output_t1], 5);
    expectRecorded(data, [row, row, row, row].flat(), { ...close, what: 'TensorFlow.js, outputs' });
    const states = await model.getStates();
    expectRecorded(states[0].data, each([h], 20), { ...close, what: 'TensorFlow.js, h' });
    expectRecorded(states[1].data, each([c], 20), { ...close, what: 'TensorFlow.js, c' });
    expect(states).toHaveLength(2);
  });

  test('a state carried on and reset', async () => {
    const layer = lstm({ units: 5, ...ones('ones'), ...gates, stateful: true });
    const model = await make([3, 2], [layer], 4);
    const recorded = tfjsUnitTests['stateful forward'].keras_full_precision;
    for (const expected of [...recorded, ...recorded]) {
      if (expected === recorded[0]) model.resetStates();
      const { data } = await model.predictOnBatch(onesOf(4, 3, 2));
      expectRecorded(data, each([expected], 20), { ...close, what: 'TensorFlow.js, outputs of a stateful model' });
    }
    expect(recorded).toHaveLength(2);
  });

  test('back-propagation through time with a state carried on', async () => {
    const model = await make([3, 2], [lstm({ units: 5, ...ones('ones'), ...gates, stateful: true }), head], 4);
    model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError' });
    const y = array([1, 2, 3, 4, 5, 6, 7, 8], [8, 1]);
    const { history } = await model.fit(onesOf(8, 3, 2), y, { batchSize: 4, epochs: 1, shuffle: false });
    const expected = tfjsUnitTests['stateful BPTT'].keras_full_precision;
    expectRecorded(history.loss, expected, { ...close, what: 'TensorFlow.js, loss of a stateful model' });
    expect(expected).toHaveLength(1);
  });

  test('back-propagation through time, from zeros', async () => {
    const zeros = { kernelInitializer: 'zeros', recurrentInitializer: 'zeros', useBias: false } as const;
    const model = await make([3, 4], [lstm({ units: 1, ...zeros, ...gates }), head]);
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
    await model.fit(onesOf(5, 3, 4), onesOf(5, 1), { batchSize: 5, epochs: 2 });
    const [kernel, recurrentKernel, denseKernel] = await weightsOf(model);
    const { kernel_each_row: row, recurrent_kernel, dense_kernel } = tfjsUnitTests.BPTT.expected;
    expectRecorded(kernel, [row, row, row, row].flat(), { ...close, what: 'TensorFlow.js, kernel' });
    expectRecorded(recurrentKernel, recurrent_kernel, { ...close, what: 'TensorFlow.js, recurrent kernel' });
    expectRecorded(denseKernel, [dense_kernel], { ...close, what: 'TensorFlow.js, head' });
    expect(kernel).toHaveLength(16);
  });

  test('a mask', async () => {
    const { xs, expected } = tfjsUnitTests['With mask'];
    const model = await make([6], [words, masked(), head]);
    const { data } = await model.predict(xs);
    expectRecorded(data, expected, { ...close, what: 'TensorFlow.js, masked outputs' });
    expect(expected).toHaveLength(4);
  });

  test('a mask, states', async () => {
    const { 'output=h': h, c } = tfjsUnitTests['With mask, returnStates'].expected;
    const model = await make([6], [words, masked(false, true)], 4);
    const { data } = await model.predictOnBatch(tfjsUnitTests['With mask'].xs);
    const states = await model.getStates();
    for (const seen of [data, states[0].data]) {
      expectRecorded(seen, each(h, 3), { ...close, what: 'TensorFlow.js, masked h' });
    }
    expectRecorded(states[1].data, each(c, 3), { ...close, what: 'TensorFlow.js, masked c' });
    expect(states).toHaveLength(2);
  });

  test('a mask, sequences', async () => {
    const { xs, expected } = tfjsUnitTests['With mask, returnSequences'];
    const model = await make([3], [words, masked(true), head]);
    const { data } = await model.predict(xs);
    expectRecorded(data, expected.flat(), { ...close, what: 'TensorFlow.js, masked sequences' });
    expect(data).toHaveLength(12);
  });

  test('a mask, backwards', async () => {
    const { xs, expected } = tfjsUnitTests['With mask, goBackwards'];
    const layers = [
      embedding({ inputDim: 4, outputDim: 2, maskZero: true }),
      lstm({ units: 2, ...gates, goBackwards: true }),
      head,
    ];
    const model = await make([3], layers);
    const upwards = [1, 2, 3, 4, 5, 6, 7, 8];
    const rows = [...upwards, ...upwards.map((value) => -value)];
    await setWeights(model, [[0.1, 0.2, 0.3, 0.4, -0.1, -0.2, -0.3, -0.4], rows, rows, upwards, [1, 1]]);
    const { data } = await model.predict(xs);
    expectRecorded(data, expected, { ...close, what: 'TensorFlow.js, masked outputs backwards' });
    expect(expected).toHaveLength(4);
  });

  test('back-propagation through time behind a mask', async () => {
    const withBias = dense({ units: 1, kernelInitializer: 'ones' });
    const model = await make([6], [words, masked(), withBias]);
    model.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: 'meanSquaredError' });
    const y = [[1], [2], [3], [4]];
    const { history } = await model.fit(tfjsUnitTests['With mask'].xs, y, { batchSize: 4, epochs: 4 });
    const { expected } = tfjsUnitTests['BPTT with mask'];
    expectRecorded(history.loss.slice(2), expected, { ...close, what: 'TensorFlow.js, losses behind a mask' });
    expect(expected).toHaveLength(2);
  });

  test('a mask through two recurrent layers', async () => {
    const { xs, expected_each_unit } = tfjsUnitTests['Stacked RNNs with masking'];
    const { unitForgetBias: _, ...initializers } = ones('zeros');
    const model = await make([3], [words, simpleRnn({ units: 3, ...initializers, returnSequences: true }), masked()]);
    const { data } = await model.predict(xs);
    expectRecorded(data, each(expected_each_unit, 3), { ...close, what: 'TensorFlow.js, masked stack' });
    expect(data).toHaveLength(12);
  });
});
