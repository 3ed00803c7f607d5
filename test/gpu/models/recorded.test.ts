import { describe, expect, test } from 'vitest';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { kerasForwards, weightsOf as kerasForwardWeights } from '../../golden/keras-forward.ts';
import { arange, constantWeights, kerasUnitTests } from '../../golden/keras-unit-tests.ts';
import {
  finalHead,
  kerasWeights,
  torchLstms,
  trainableWeights,
  withOnes,
  type TorchLstm,
} from '../../golden/torch-lstm.ts';
import type { LstmSpec } from '../../reference/reference-layers.ts';
import { array, makeModel, setWeights, weightsOf, type OptimizerSpec } from './make-model.ts';

const forward = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

/** What each layer starts from: PyTorch's [layers, B, H] cut up. */
function startOf({ h0, c0, config: { batch, hidden_size: units } }: TorchLstm) {
  const lists = Array.from({ length: h0.shape[0] }, (_, layer) => [
    layer === 0 ? 'lstm' : `lstm_${layer}`,
    [h0, c0].map(({ data }) => array(data.slice(layer * batch * units, (layer + 1) * batch * units), [batch, units])),
  ]);
  return Object.fromEntries(lists) as Record<string, ReturnType<typeof array>[]>;
}

type Weights = ReturnType<typeof kerasForwardWeights> | ReturnType<typeof kerasWeights>;
const inOrder = ({ kernel, recurrentKernel, bias }: Weights) => [kernel, recurrentKernel, bias];

/** Loss and optimizer do not matter where nothing is trained. */
const untrained = { loss: 'meanSquaredError', metrics: [] } as const;

describe('predict as Keras', () => {
  test.each(kerasForwards)('$name', async ({ config, weights, x, expected, ...rest }) => {
    const { units, time, input_dim, return_sequences: returnSequences } = config;
    const layers: LstmSpec[] = [{ kind: 'lstm', units, returnSequences }];
    const model = await makeModel({ inputShape: [time, input_dim], layers, ...untrained });
    await setWeights(model, inOrder(kerasForwardWeights({ config, weights, x, expected, ...rest })));
    const initialState = rest.initial_state?.map((state) => array(state.data, state.shape));
    const { data, shape } = await model.predict(array(x.data, x.shape), { initialState });
    expect(shape).toEqual(expected.output.shape);
    expectRecorded(data, expected.output.data, { ...forward, what: 'Keras, outputs' });
  });

  test.each(kerasUnitTests)('unit test $test, $config', async (recorded) => {
    const [batchSize, steps, features] = recorded.input.shape;
    const { units, stateful } = recorded.config;
    const layers: LstmSpec[] = [{ kind: 'lstm', units, stateful }];
    const model = await makeModel({ inputShape: [steps, features], layers, batchSize, ...untrained });
    await setWeights(model, inOrder(constantWeights(recorded)));
    const x = array(arange(recorded), recorded.input.shape);
    for (let call = 1; call < recorded.calls; call++) await model.predictOnBatch(x);
    const { data } = await model.predictOnBatch(x);
    expectRecorded(data, recorded.expected.flat(), { ...forward, what: 'Keras unit tests, outputs' });
  });
});

describe('predict as PyTorch', () => {
  test.each(torchLstms)('$name', async (recorded) => {
    const { config, params, x, expected } = recorded;
    const layers = Array.from({ length: config.num_layers }, (_, layer) => layer);
    const model = await makeModel({
      inputShape: [config.time, config.input_size],
      layers: layers.map(() => ({ kind: 'lstm', units: config.hidden_size, returnSequences: true })),
      ...untrained,
    });
    await setWeights(
      model,
      layers.flatMap((layer) => inOrder(kerasWeights(params, layer))),
    );
    const { data, shape } = await model.predict(array(x.data, x.shape), { initialState: startOf(recorded) });
    expect(shape).toEqual(expected.out.shape);
    expectRecorded(data, expected.out.data, { ...forward, what: 'PyTorch, outputs' });
  });
});

describe('ten steps of training as PyTorch', () => {
  const runs = torchLstms
    .filter(({ config }) => config.num_layers === 1)
    .flatMap((recorded) => Object.keys(recorded.optim).map((name) => ({ recorded, name })))
    .filter(({ name }) => name === 'adam' || name.startsWith('sgd'));

  test.each(runs)('$recorded.name, $name', async ({ recorded, name }) => {
    const { config, params, head, x, y, optim } = recorded;
    const { hyper, losses, final } = optim[name];
    const optimizer: OptimizerSpec =
      name === 'adam'
        ? // PyTorch's epsilon counts sqrt(1 - 0.999^t) times as much, 0.03 to 0.1 in these steps.
          { kind: 'adam', learningRate: hyper.lr, epsilon: 0.07 * (hyper.eps ?? 0) }
        : { kind: 'sgd', learningRate: hyper.lr, momentum: hyper.momentum, nesterov: hyper.nesterov };
    const model = await makeModel({
      inputShape: [config.time, config.input_size + 1],
      layers: [
        { kind: 'lstm', units: config.hidden_size },
        { kind: 'dense', units: y.shape[1] },
      ],
      loss: 'meanSquaredError',
      metrics: [],
      optimizer,
    });
    await setWeights(model, trainableWeights(params, head));
    const input = array(withOnes(x), [config.batch, config.time, config.input_size + 1]);
    const target = array(y.data, y.shape);
    const options = { initialState: startOf(recorded) };
    const figures = await Promise.all(losses.map(() => model.trainOnBatch(input, target, options)));

    // Adam divides by the size of a gradient: where one is as small as its own rounding, whole steps of 0.01 may go any
    // way. Such weights hardly move the loss, so that one is held tightly.
    const close =
      name === 'adam'
        ? { atol: 5e-3, rtol: 0, reason: 'a few gradients as small as their rounding, on a way of ten steps of 0.01' }
        : { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, ten steps' };
    const seen = figures.map(({ loss }) => loss);
    expectRecorded(seen, losses, { ...forward, what: `PyTorch, losses with ${name}` });
    const wanted = trainableWeights(final, finalHead(final));
    (await weightsOf(model)).forEach((weight, index) => {
      expectRecorded(weight, wanted[index], { ...close, what: `PyTorch, weights after ten steps of ${name}` });
    });
  });
});
