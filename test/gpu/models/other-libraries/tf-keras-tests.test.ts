import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, embedding, gru, lstm, sequential, sgd, simpleRnn } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { recurrentLayer } from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';
import { makeTwins, trainTwin } from '../builders/make-twins.ts';

// Cases that tf-keras' tests of recurrent layers have beyond Keras', by their names there. Those about masks are in
// keras-mask-list.test.ts.

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64 over a few batches' };

const kinds = Object.entries({ lstm, gru, simpleRnn });

describe('base_rnn_test and lstm_test of tf-keras', () => {
  test.each(kinds)('test_reset_states_with_values, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const layers = [make({ units: 3, stateful: true })];
    const twin = recurrentLayer(2, 3, { cell: kind as 'lstm', stateful: true });
    const { model, twin: stack } = await makeTwins(random, { inputShape: [4, 2], batchSize: 2, layers }, [twin]);
    const next = () => array(random.array(16, 1), [2, 4, 2]);
    await model.predictOnBatch(next());
    model.resetStates();
    const zeros = await model.getStates();
    expect(zeros.every(({ data }) => data.every((value) => value === 0))).toBe(true);
    const values = zeros.map(({ shape }) => array(random.array(6, 0.7), shape));
    model.setStates(values);
    expect((await model.getStates()).map(({ data }) => data)).toEqual(values.map(({ data }) => data));

    twin.states = values.map(({ data }) => Float64Array.from(data));
    for (const call of ['first', 'second']) {
      const x = next();
      const expected = stack.forward({ x: x.data, shape: x.shape }).values;
      expectClose((await model.predictOnBatch(x)).data, expected, { ...close, what: `the ${call} call` });
    }
  });

  test('test_state_reuse: a second layer begins with the last states of the first', async () => {
    const random = rng(randomSeed());
    const inner = { units: 5, stateful: true };
    const [one, other] = [
      recurrentLayer(2, 5, { cell: 'lstm', returnSequences: true }),
      recurrentLayer(5, 5, { cell: 'lstm', stateful: true }),
    ];
    const encoder = { inputShape: [4, 2], batchSize: 3, layers: [lstm({ ...inner, returnSequences: true })] };
    const decoder = { inputShape: [4, 5], batchSize: 3, layers: [lstm(inner)] };
    const [first, second] = [await makeTwins(random, encoder, [one]), await makeTwins(random, decoder, [other])];

    const x = array(random.array(24, 1), [3, 4, 2]);
    const sequences = await first.model.predictOnBatch(x);
    second.model.setStates(await first.model.getStates());
    const seen = await second.model.predictOnBatch(sequences);
    const passed = first.twin.forward({ x: x.data, shape: x.shape });
    other.states = one.states;
    const expected = second.twin.forward({ x: passed.values, shape: passed.shape });
    expectClose(seen.data, expected.values, { ...close, what: 'output of the second' });
  });

  test.each(kinds)('test_stateful_training, stacked, behind an embedding, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const cell = kind as 'lstm';
    const layers = [
      embedding({ inputDim: 6, outputDim: 3 }),
      make({ units: 4, stateful: true, returnSequences: true }),
      make({ units: 3, stateful: true, returnSequences: true }),
      dense({ units: 2 }),
    ];
    const { model, twin } = await makeTwins(random, { inputShape: [5], batchSize: 2, layers }, [
      twins.embedding(6, 3, false),
      recurrentLayer(3, 4, { cell, stateful: true, returnSequences: true }),
      recurrentLayer(4, 3, { cell, stateful: true, returnSequences: true }),
      twins.dense(3, 2),
    ]);
    for (let batch = 0; batch < 4; batch++) {
      const x = array(
        Float32Array.from({ length: 10 }, () => random.integer(0, 5)),
        [2, 5],
      );
      const y = array(random.array(20, 1), [2, 5, 2]);
      const expected = trainTwin(twin, x.data, x.shape, y.data);
      const { loss } = await model.trainOnBatch(x, y);
      expectClose([loss], [expected], { ...close, what: `loss of batch ${batch}` });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, atol: 1e-5, what: `weight ${n} after four batches` });
    });
  });

  test.each(kinds)('test_dropout_mask_reuse: one mask for all steps of a batch, %s', async (_kind, make) => {
    const [features, steps] = [40, 8];
    const random = rng(randomSeed());
    const model = await sequential(gpu, { inputShape: [steps, features], layers: [make({ units: 1, dropout: 0.5 })] });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
    const weights = await model.getWeights();
    const x = array(random.array(features * steps, 0.1), [1, steps, features]);

    /** For each batch, which features had a part in it: their rows of the kernel moved. */
    const batches: boolean[][] = [];
    while (batches.length < 3) {
      model.setWeights(weights);
      await model.trainOnBatch(x, [[0.7]]);
      const [before, after] = [weights[0].data, (await weightsOf(model))[0]];
      const width = before.length / features;
      const hasMoved = (k: number) => before.some((w, n) => Math.floor(n / width) === k && w !== after[n]);
      batches.push(Array.from({ length: features }, (_, k) => hasMoved(k)));
    }
    for (const kept of batches) {
      const count = kept.filter(Boolean).length;
      // Masks of their own at each step would let all but 2^-8 of the features through at one step or another; six
      // deviations of a half are 19.
      expect(Math.abs(count - features / 2)).toBeLessThan(19);
    }
    expect(batches[1]).not.toEqual(batches[0]);
    expect(batches[2]).not.toEqual(batches[1]);
  });
});
