import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, gru, l1l2, l2, lstm, sequential, ShapeError, simpleRnn } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { arange, constantWeights, kerasUnitTests } from '../../../golden/keras-unit-tests.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { recurrentLayer } from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';
import { makeTwins, trainTwin } from '../builders/make-twins.ts';

// Cases of Keras' own tests of recurrent layers, by their names there. Those with recorded numbers are in
// recurrent-recorded.test.ts and bidirectional.test.ts, those about masks in keras-mask-list.test.ts.

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64 over a few batches' };

const kinds = Object.entries({ lstm, gru, simpleRnn });

describe('lstm_test', () => {
  test.each([
    ['the last output', false, [3, 3]],
    ['sequences', true, [3, 2, 3]],
  ])(
    'test_basics, %s: shapes, weights, dropout in training alone, penalties',
    async (_what, returnSequences, shape) => {
      const random = rng(randomSeed());
      const layer = lstm({
        units: 3,
        dropout: 0.5,
        returnSequences,
        kernelRegularizer: l1l2(0.01, 0.02),
        recurrentRegularizer: l2(0.03),
        biasRegularizer: l2(0.04),
      });
      const twin = recurrentLayer(4, 3, { cell: 'lstm', returnSequences });
      const { model, twin: stack } = await makeTwins(random, { inputShape: [2, 4], layers: [layer] }, [twin]);
      const weights = await model.getWeights();
      expect(weights.map((weight) => weight.shape)).toEqual([[4, 12], [3, 12], [12]]);
      expect(model.parameterCount).toBe(4 * 12 + 3 * 12 + 12);

      const x = array(random.array(24, 1), [3, 2, 4]);
      const output = await model.predict(x);
      const expected = stack.forward({ x: x.data, shape: x.shape });
      expect(output.shape).toEqual(shape);
      expectClose(output.data, expected.values, { ...close, what: 'output' });

      const y = array(random.array(output.data.length, 1), shape);
      const [kernel, recurrentKernel, bias] = stack.weights;
      const sum = (list: Float64Array, of: (w: number) => number) => list.reduce((total, w) => total + of(w), 0);
      const loss =
        stack.loss({ x: x.data, shape: x.shape }, y.data) +
        sum(kernel, (w) => 0.01 * Math.abs(w) + 0.02 * w * w) +
        sum(recurrentKernel, (w) => 0.03 * w * w) +
        sum(bias, (w) => 0.04 * w * w);
      expectClose([(await model.evaluate(x, y)).loss], [loss], { ...close, what: 'loss with penalties' });
      // What is kept counts twice, what is dropped not at all; five draws do not all come near the loss by chance.
      const losses: number[] = [];
      for (let draw = 0; draw < 5; draw++) {
        losses.push((await model.trainOnBatch(x, y)).loss);
        model.setWeights(weights);
      }
      expect(Math.max(...losses.map((value) => Math.abs(value - loss)))).toBeGreaterThan(1e-5);
      await model.trainOnBatch(x, y);
      expect(await weightsOf(model)).not.toEqual(weights.map(({ data }) => data));
    },
  );

  test('test_statefulness: a second call goes on, and a reset lets both be repeated', async () => {
    const recorded = kerasUnitTests.find(({ test: name }) => name === 'test_statefulness')!;
    const [batchSize, ...inputShape] = recorded.input.shape;
    const layers = [lstm({ units: recorded.config.units, stateful: true })];
    const model = await sequential(gpu, { inputShape, batchSize, layers });
    onTestFinished(() => model.dispose());
    await setWeights(model, Object.values(constantWeights(recorded)));
    const x = array(arange(recorded), recorded.input.shape);
    const calls = async () => [(await model.predictOnBatch(x)).data, (await model.predictOnBatch(x)).data];
    const [first, second] = await calls();
    expectRecorded(second, recorded.expected.flat(), { ...close, what: 'Keras, test_statefulness' });
    model.resetStates();
    expect(await calls()).toEqual([first, second]);
  });
});

describe('rnn_test', () => {
  test.each(kinds)('test_compute_output_shape, %s', async (_kind, make) => {
    const shapeOf = async (returnSequences: boolean, steps: number | null) => {
      const model = await sequential(gpu, { inputShape: [steps, 2], layers: [make({ units: 5, returnSequences })] });
      onTestFinished(() => model.dispose());
      return (await model.predict(array(rng(randomSeed()).array(3 * 4 * 2, 1), [3, 4, 2]))).shape;
    };
    expect(await shapeOf(false, 4)).toEqual([3, 5]);
    expect(await shapeOf(true, 4)).toEqual([3, 4, 5]);
    expect(await shapeOf(true, null)).toEqual([3, 4, 5]);
  });

  test('test_stateful_batch_size_mismatch_raises, and leaves states and weights alone', async () => {
    const random = rng(randomSeed());
    const layers = [lstm({ units: 2, stateful: true })];
    const twin = [recurrentLayer(1, 2, { cell: 'lstm', stateful: true })];
    const { model } = await makeTwins(random, { inputShape: [5, 1], batchSize: 4, layers }, twin);
    const data = (rows: number) =>
      [array(random.array(rows * 5, 1), [rows, 5, 1]), array(random.array(rows * 2, 1), [rows, 2])] as const;
    await model.trainOnBatch(...data(4));
    const before = [await weightsOf(model), await model.getStates()];
    const says = (where: string) => [`${where}: a batch of 5 rows`, 'keeps 4 states, one a row', 'batchSize: 5'];
    const [x, y] = data(5);
    await expectError(() => model.trainOnBatch(x, y), ShapeError, says('model.trainOnBatch'));
    await expectError(() => model.fit(x, y, { batchSize: 5 }), ShapeError, says('model.fit'));
    expect([await weightsOf(model), await model.getStates()]).toEqual(before);
  });
});

describe('time_distributed_test', () => {
  test('a dense layer on sequences is the same layer at every step', async () => {
    const random = rng(randomSeed());
    const make = (inputShape: number[]) =>
      makeTwins(random, { inputShape, layers: [dense({ units: 3, activation: 'tanh' })] }, [twins.dense(2, 3, 'tanh')]);
    const [onSequences, onVectors] = [await make([4, 2]), await make([2])];
    onVectors.model.setWeights(await onSequences.model.getWeights());
    const x = array(random.array(40, 1), [5, 4, 2]);
    const y = array(random.array(60, 1), [5, 4, 3]);
    const { values } = onSequences.twin.forward({ x: x.data, shape: x.shape });
    const output = await onSequences.model.predict(x);
    expect(output.shape).toEqual(y.shape);
    expectClose(output.data, values, { ...close, what: 'outputs' });
    const vectors = await onVectors.model.predict(array(x.data, [20, 2]));
    expectClose(vectors.data, values, { ...close, what: 'outputs, step by step' });

    const expected = trainTwin(onSequences.twin, x.data, x.shape, y.data);
    const losses = [
      await onSequences.model.trainOnBatch(x, y),
      await onVectors.model.trainOnBatch(array(x.data, [20, 2]), array(y.data, [20, 3])),
    ];
    expectClose(
      losses.map(({ loss }) => loss),
      [expected, expected],
      { ...close, what: 'losses' },
    );
    for (const { model } of [onSequences, onVectors]) {
      (await weightsOf(model)).forEach((weight, n) => {
        expectClose(weight, onSequences.twin.weights[n], { ...close, what: `weight ${n} after a step` });
      });
    }
  });
});
