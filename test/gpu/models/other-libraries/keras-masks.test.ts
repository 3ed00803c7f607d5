import { describe, expect, onTestFinished, test } from 'vitest';
import {
  bidirectional,
  dense,
  embedding,
  gru,
  lstm,
  masking,
  sequential,
  simpleRnn,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { stackedMask } from '../../../golden/bidirectional.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { recurrentLayer } from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';
import { makeTwins, trainTwin } from '../builders/make-twins.ts';

// Cases about masks of Keras' and tf-keras' tests of recurrent layers, by their names there. Those with recorded numbers
// of a single layer are in recurrent-recorded.test.ts.

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64 over a few batches' };

const kinds = Object.entries({ lstm, gru, simpleRnn });

const [ROWS, STEPS, FEATURES, UNITS] = [3, 5, 2, 4];
const PADDING = -3;

/** Samples [rows, steps, features], some steps of which are padding. */
function paddedSamples(random: ReturnType<typeof rng>) {
  const isPadding = Array.from({ length: ROWS * STEPS }, () => random.uniform(0, 1) < 0.4);
  const x = random.array(ROWS * STEPS * FEATURES, 1);
  return array(
    x.map((value, n) => (isPadding[Math.floor(n / FEATURES)] ? PADDING : value)),
    [ROWS, STEPS, FEATURES],
  );
}

describe('lstm_test', () => {
  const variants = {
    plain: {},
    sequences: { returnSequences: true },
    'sequences, zero_output_for_mask': { returnSequences: true, zeroOutputForMask: true },
    zero_output_for_mask: { zeroOutputForMask: true },
    go_backwards: { goBackwards: true },
    'go_backwards, sequences': { goBackwards: true, returnSequences: true },
  };
  test.each(Object.entries(variants))('test_masking, stateful, over three batches: %s', async (_name, variant) => {
    const random = rng(randomSeed());
    const options = {
      inputShape: [STEPS, FEATURES],
      batchSize: ROWS,
      layers: [masking({ maskValue: PADDING }), lstm({ units: UNITS, stateful: true, ...variant })],
    };
    const layer = recurrentLayer(FEATURES, UNITS, { cell: 'lstm', stateful: true, ...variant });
    const { model, twin } = await makeTwins(random, options, [twins.masking(PADDING), layer]);
    for (const batch of [0, 1, 2]) {
      const { data: x, shape } = paddedSamples(random);
      const expected = twin.forward({ x, shape });
      const output = await model.predictOnBatch(array(x, shape));
      expect(output.shape).toEqual(expected.shape);
      expectClose(output.data, expected.values, { ...close, what: `outputs of batch ${batch}` });
      (await model.getStates()).forEach(({ data }, n) => {
        expectClose(data, layer.states![n], { ...close, what: `state ${n} after batch ${batch}` });
      });
    }
  });
});

describe('passMask: false keeps the mask from the layers behind, as Keras 3.16 does', () => {
  const makers = {
    lstm: (passMask?: boolean) => lstm({ units: UNITS, returnSequences: true, passMask }),
    gru: (passMask?: boolean) => gru({ units: UNITS, returnSequences: true, passMask }),
    simpleRnn: (passMask?: boolean) => simpleRnn({ units: UNITS, returnSequences: true, passMask }),
    bidirectional: (passMask?: boolean) =>
      bidirectional(lstm({ units: UNITS, returnSequences: true, passMask }), { mergeMode: 'sum' }),
  };
  test.each(Object.entries(makers))('%s', async (_kind, make) => {
    const random = rng(randomSeed());
    const build = async (features: number, layers: SequentialOptions['layers']) => {
      const model = await sequential(gpu, { inputShape: [STEPS, features], layers });
      onTestFinished(() => model.dispose());
      return model;
    };
    const behind = lstm({ units: 2, name: 'behind' });
    const front = masking({ maskValue: PADDING });
    const [first, second] = [await build(FEATURES, [front, make()]), await build(UNITS, [behind])];
    const [passing, keeping] = [
      await build(FEATURES, [front, make(), behind]),
      await build(FEATURES, [front, make(false), behind]),
    ];
    const weights = (await weightsOf(passing)).map(({ length }) => random.array(length, 0.5));
    for (const model of [passing, keeping]) await setWeights(model, weights);
    await setWeights(first, weights.slice(0, -3));
    await setWeights(second, weights.slice(-3));

    const { data, shape } = paddedSamples(random);
    data.fill(PADDING, data.length - FEATURES);
    const x = array(data, shape);
    const apart = await second.predict(await first.predict(x));
    expectClose((await keeping.predict(x)).data, apart.data, { ...close, what: 'outputs' });
    expect((await passing.predict(x)).data).not.toEqual(apart.data);
  });
});

describe('stacked_rnn_cells_test', () => {
  test('test_stacked_lstm_cell_mask', async () => {
    const unit = { units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones' } as const;
    const layers = [lstm({ ...unit, returnSequences: true }), lstm(unit)];
    const model = await sequential(gpu, { inputShape: [3, 4], layers });
    onTestFinished(() => model.dispose());
    const lengths = stackedMask.mask!.map((row) => row.filter(Boolean).length);
    const { data } = await model.predict(array(new Float32Array(24).fill(1), [2, 3, 4]), { lengths });
    const recorded = stackedMask.keras_3_15_1_full_precision!.flat();
    expectRecorded(data, recorded, { ...close, what: 'Keras, test_stacked_lstm_cell_mask' });
    expect(data).toHaveLength(2);
  });
});

describe('lstm_test of tf-keras', () => {
  test.each(kinds)('test_statefulness: padding left, right and in between gives the same, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const options = {
      inputShape: [6],
      batchSize: 2,
      layers: [
        embedding({ inputDim: 5, outputDim: 3, maskZero: true }),
        make({ units: UNITS, stateful: true }),
        dense({ units: 1 }),
      ],
    };
    const { model, twin } = await makeTwins(random, options, [
      twins.embedding(5, 3, true),
      recurrentLayer(3, UNITS, { cell: kind as 'lstm', stateful: true }),
      twins.dense(UNITS, 1),
    ]);
    // The same tokens, 3 1 4 2 and 2 4, three times; then others, so that the states they left count too.
    const copies = {
      left: [0, 0, 3, 1, 4, 2, 0, 0, 0, 0, 2, 4],
      right: [3, 1, 4, 2, 0, 0, 2, 4, 0, 0, 0, 0],
      mixed: [0, 3, 1, 0, 4, 2, 0, 2, 0, 0, 4, 0],
    };
    const next = [1, 0, 2, 2, 0, 3, 4, 4, 0, 1, 2, 0];
    const expected = [copies.left, next].map((tokens) => twin.forward({ x: tokens, shape: [2, 6] }).values);
    const outputs: Float32Array[][] = [];
    for (const [name, tokens] of Object.entries(copies)) {
      model.resetStates();
      const seen = [
        (await model.predictOnBatch(array(tokens, [2, 6]))).data,
        (await model.predictOnBatch(array(next, [2, 6]))).data,
      ];
      seen.forEach((data, n) => expectClose(data, expected[n], { ...close, what: `padding ${name}, batch ${n}` }));
      outputs.push(seen);
    }
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
  });

  test.each(kinds)('test_fully_masked_inputs: outputs 0, states kept, nothing learned, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const options = {
      inputShape: [STEPS, FEATURES],
      batchSize: ROWS,
      layers: [masking({ maskValue: PADDING }), make({ units: UNITS, stateful: true }), dense({ units: 1 })],
    };
    const { model, twin } = await makeTwins(random, options, [
      twins.masking(PADDING),
      recurrentLayer(FEATURES, UNITS, { cell: kind as 'lstm', stateful: true }),
      twins.dense(UNITS, 1),
    ]);
    const before = await weightsOf(model);
    const [, , , kernel, bias] = before;
    bias[0] = 0.25;
    await setWeights(model, before);
    twin.setWeights(before);
    const states = (await model.getStates()).map(({ shape }) => array(random.array(ROWS * UNITS, 1), shape));
    model.setStates(states);

    const x = array(new Float32Array(ROWS * STEPS * FEATURES).fill(PADDING), [ROWS, STEPS, FEATURES]);
    expect([...(await model.predictOnBatch(x)).data]).toEqual([0.25, 0.25, 0.25]);
    const y = array(random.array(ROWS, 1), [ROWS, 1]);
    const expected = trainTwin(twin, x.data, x.shape, y.data);
    expectClose([(await model.trainOnBatch(x, y)).loss], [expected], { ...close, what: 'loss' });
    const after = await weightsOf(model);
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]).toEqual(kernel);
    expectClose(after[4], twin.weights[4], { ...close, what: 'bias of the head' });
    expect((await model.getStates()).map(({ data }) => data)).toEqual(states.map(({ data }) => data));
  });

  test.each(kinds)('test_specify_state_with_masking: trains from states given, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const layer = recurrentLayer(FEATURES, UNITS, { cell: kind as 'lstm', stateful: true });
    const layers = [masking({ maskValue: PADDING }), make({ units: UNITS, stateful: true })];
    const options = { inputShape: [STEPS, FEATURES], batchSize: ROWS, layers };
    const { model, twin } = await makeTwins(random, options, [twins.masking(PADDING), layer]);
    for (const step of [0, 1, 2]) {
      const states = (await model.getStates()).map(({ shape }) => array(random.array(ROWS * UNITS, 0.7), shape));
      model.setStates(states);
      layer.states = states.map(({ data }) => Float64Array.from(data));
      const x = paddedSamples(random);
      const y = array(random.array(ROWS * UNITS, 1), [ROWS, UNITS]);
      const expected = trainTwin(twin, x.data, x.shape, y.data);
      expectClose([(await model.trainOnBatch(x, y)).loss], [expected], { ...close, what: `loss of step ${step}` });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, what: `weight ${n} after three steps` });
    });
  });

  test.each(kinds)('test_masking_with_stacking, stateful, in training, %s', async (kind, make) => {
    const random = rng(randomSeed());
    const cell = kind as 'lstm';
    const options = {
      inputShape: [STEPS, FEATURES],
      batchSize: ROWS,
      layers: [
        masking({ maskValue: PADDING }),
        make({ units: UNITS, stateful: true, returnSequences: true }),
        make({ units: 2, stateful: true }),
      ],
    };
    const stack = [
      recurrentLayer(FEATURES, UNITS, { cell, stateful: true, returnSequences: true }),
      recurrentLayer(UNITS, 2, { cell, stateful: true }),
    ];
    const { model, twin } = await makeTwins(random, options, [twins.masking(PADDING), ...stack]);
    for (const batch of [0, 1, 2]) {
      const x = paddedSamples(random);
      const y = array(random.array(ROWS * 2, 1), [ROWS, 2]);
      const expected = trainTwin(twin, x.data, x.shape, y.data);
      expectClose([(await model.trainOnBatch(x, y)).loss], [expected], { ...close, what: `loss of batch ${batch}` });
      const states = stack.flatMap((layer) => layer.states!);
      (await model.getStates()).forEach(({ data }, n) => {
        expectClose(data, states[n], { ...close, what: `state ${n} after batch ${batch}` });
      });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, what: `weight ${n} after three batches` });
    });
  });
});
