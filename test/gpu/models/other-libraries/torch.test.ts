import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  adamw,
  dense,
  lstm,
  masking,
  rmsprop,
  sequential,
  sgd,
  type Logs,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import type { GoldenTensor } from '../../../golden/tensor.ts';
import {
  finalHead,
  kerasWeights,
  torchLstms,
  torchPacked,
  torchTruncated,
  trainableWeights,
  withOnes,
  type TorchHyper,
  type TorchLstm,
} from '../../../golden/torch-lstm.ts';
import type { Numbers } from '../../../reference/arrays.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

async function build(options: SequentialOptions, weights: readonly Numbers[]): Promise<Model> {
  const model = await sequential(gpu, options);
  onTestFinished(() => model.dispose());
  await setWeights(model, weights);
  return model;
}

const allWeights = ({ config, params }: TorchLstm) =>
  Array.from({ length: config.num_layers }, (_, layer) => kerasWeights(params, layer)).flatMap(
    ({ kernel, recurrentKernel, bias }) => [kernel, recurrentKernel, bias],
  );

const sequencesOf = ({ config }: TorchLstm, more: { stateful?: boolean; zeroOutputForMask?: boolean } = {}) =>
  Array.from({ length: config.num_layers }, () => lstm({ units: config.hidden_size, returnSequences: true, ...more }));

/** PyTorch's h and c, [layers, B, H] each, as layer by layer h and c. */
function statesOf({ config: { batch, hidden_size: units } }: TorchLstm, h: GoldenTensor, c: GoldenTensor) {
  return Array.from({ length: h.shape[0] }, (_, layer) =>
    [h, c].map(({ data }) => array(data.slice(layer * batch * units, (layer + 1) * batch * units), [batch, units])),
  ).flat();
}

/** What each layer starts from, by its name. */
function startOf(recorded: TorchLstm) {
  const states = statesOf(recorded, recorded.h0, recorded.c0);
  const layers = Array.from({ length: recorded.config.num_layers }, (_, layer) => layer);
  return Object.fromEntries(
    layers.map((layer) => [layer === 0 ? 'lstm' : `lstm_${layer}`, states.slice(2 * layer, 2 * layer + 2)]),
  );
}

const flat = (list: readonly { data: Numbers }[]) => list.flatMap(({ data }) => Array.from(data));

/** Steps `first` to `end` of data [B, T, features]. */
function windowOf({ data, shape }: { data: Numbers; shape: readonly number[] }, first: number, end: number) {
  const [batch, steps, features] = shape;
  const kept = Array.from(data).filter((_, n) => {
    const step = Math.floor(n / features) % steps;
    return step >= first && step < end;
  });
  return array(kept, [batch, end - first, features]);
}

/** The first and the last step of each window. */
const boundsOf = (chunks: readonly number[]) =>
  chunks.map((count, n) => {
    const first = chunks.slice(0, n).reduce((sum, before) => sum + before, 0);
    return [first, first + count] as const;
  });

const isFromZero = ({ h0, c0 }: TorchLstm) => flat([h0, c0]).every((value) => value === 0);

describe('outputs and states as PyTorch', () => {
  test.each(torchLstms)('$name, stateless', async (recorded) => {
    const { x, expected } = recorded;
    const model = await build({ inputShape: x.shape.slice(1), layers: sequencesOf(recorded) }, allWeights(recorded));
    const { data, shape } = await model.predict(array(x.data, x.shape), { initialState: startOf(recorded) });
    expect(shape).toEqual(expected.out.shape);
    expectRecorded(data, expected.out.data, { ...close, what: 'PyTorch, outputs' });
  });

  test.each([...torchLstms, ...torchTruncated])('$name, stateful, from the states given', async (recorded) => {
    const { config, x, h0, c0, expected } = recorded;
    const layers = sequencesOf(recorded, { stateful: true });
    const inputShape = [null, config.input_size];
    const model = await build({ inputShape, batchSize: config.batch, layers }, allWeights(recorded));
    model.setStates(statesOf(recorded, h0, c0));
    for (const [first, end] of boundsOf(config.tbptt_chunks ?? [config.time])) {
      const { data } = await model.predictOnBatch(windowOf(x, first, end));
      const wanted = windowOf(expected.out, first, end).data;
      expectRecorded(data, wanted, { ...close, what: 'PyTorch, outputs with states' });
    }
    const states = statesOf(recorded, expected.hn, expected.cn);
    expectRecorded(flat(await model.getStates()), flat(states), { ...close, what: 'PyTorch, states' });
    expect(states).toHaveLength(2 * config.num_layers);
  });

  test.each(torchPacked)('$name, by lengths and by a mask', async (recorded) => {
    const { config, x, expected } = recorded;
    const options = { inputShape: x.shape.slice(1), batchSize: config.batch };
    const weights = allWeights(recorded);
    // PyTorch's padding comes out as zeros.
    const told = await build({ ...options, layers: sequencesOf(recorded, { zeroOutputForMask: true }) }, weights);
    const { data } = await told.predict(array(x.data, x.shape), { lengths: config.lengths! });
    expectRecorded(data, expected.out.data, { ...close, what: 'PyTorch, packed outputs by lengths' });

    const PADDING = 77;
    const padded = x.data.map((value, n) => {
      const place = Math.floor(n / config.input_size);
      return place % config.time < config.lengths![Math.floor(place / config.time)] ? value : PADDING;
    });
    const layers = [
      masking({ maskValue: PADDING }),
      ...sequencesOf(recorded, { stateful: true, zeroOutputForMask: true }),
    ];
    const masked = await build({ ...options, layers }, weights);
    const output = await masked.predictOnBatch(array(padded, x.shape));
    expectRecorded(output.data, expected.out.data, { ...close, what: 'PyTorch, packed outputs by a mask' });
    const states = statesOf(recorded, expected.hn, expected.cn);
    expectRecorded(flat(await masked.getStates()), flat(states), { ...close, what: 'PyTorch, states of packed' });
  });
});

const optimizers: Record<string, (hyper: TorchHyper) => ReturnType<typeof adam>> = {
  // PyTorch's epsilon counts sqrt(1 - 0.999^t) times as much, 0.03 to 0.1 in these steps.
  adam: ({ lr, eps }) => adam({ learningRate: lr, epsilon: 0.07 * eps! }),
  adamw: ({ lr, eps, weight_decay }) => adamw({ learningRate: lr, epsilon: 0.07 * eps!, weightDecay: weight_decay }),
  sgd: ({ lr, momentum, nesterov }) => sgd({ learningRate: lr, momentum, nesterov }),
  // PyTorch's epsilon stands beside the root, Keras' under it: one gradient here is small enough to tell.
  rmsprop: ({ lr, alpha, eps }) => rmsprop({ learningRate: lr, rho: alpha, epsilon: eps! ** 2 }),
};

/** The model that was trained: its LSTM has a feature more, always 1, for PyTorch's second bias. */
async function trainable(recorded: TorchLstm, name: string, stateful = false): Promise<Model> {
  const { config, params, head, y, optim } = recorded;
  const layers = [lstm({ units: config.hidden_size, stateful }), dense({ units: y.shape[1] })];
  const options = { inputShape: [null, config.input_size + 1], batchSize: config.batch, layers };
  const model = await build(options, trainableWeights(params, head));
  const optimizer = optimizers[name.split('_')[0]](optim[name].hyper);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

async function expectTrained(model: Model, { optim }: TorchLstm, name: string, figures: Logs[]): Promise<void> {
  const { losses, final } = optim[name];
  // Adam and RMSprop divide by the size of a gradient: where one is as small as its own rounding, whole steps of 0.01 may
  // go any way. Such weights hardly move the loss, so that one is held tightly.
  const weightsClose = name.startsWith('sgd')
    ? { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, ten steps' }
    : { atol: 5e-3, rtol: 0, reason: 'a few gradients as small as their rounding, on a way of ten steps of 0.01' };
  const lossesClose =
    name === 'rmsprop' ? { ...close, atol: 1e-5, reason: 'the place of epsilon, 4e-6 in float64 too' } : close;
  const seen = figures.map(({ loss }) => loss);
  expectRecorded(seen, losses, { ...lossesClose, what: `PyTorch, losses with ${name}` });
  const wanted = trainableWeights(final, finalHead(final));
  (await weightsOf(model)).forEach((weight, index) => {
    expectRecorded(weight, wanted[index], { ...weightsClose, what: `PyTorch, weights after ten steps of ${name}` });
  });
}

describe('ten steps of training as PyTorch', () => {
  const input = ({ config, x }: TorchLstm) => array(withOnes(x), [config.batch, config.time, config.input_size + 1]);
  const target = ({ y }: TorchLstm) => array(y.data, y.shape);

  // The trick with the ones serves only a first layer.
  const runs = [...torchLstms, ...torchPacked]
    .filter(({ config }) => config.num_layers === 1)
    .flatMap((recorded) => Object.keys(recorded.optim).map((name) => ({ recorded, name })));
  test.each(runs)('$recorded.name, $name', async ({ recorded, name }) => {
    const model = await trainable(recorded, name);
    const lengths = recorded.config.lengths ?? undefined;
    const { losses } = recorded.optim[name];
    const options = { lengths, initialState: startOf(recorded) };
    const calls = losses.map(() => model.trainOnBatch(input(recorded), target(recorded), options));
    await expectTrained(model, recorded, name, await Promise.all(calls));
    expect(losses).toHaveLength(10);
  });

  const others = [...torchLstms.filter((recorded) => !isFromZero(recorded)), ...torchTruncated];
  test.each(others)('$name, from the states given, through the last window alone', async (recorded) => {
    const { config, h0, c0, optim } = recorded;
    const model = await trainable(recorded, 'adam', true);
    const bounds = boundsOf(config.tbptt_chunks ?? [config.time]);
    const figures: Logs[] = [];
    while (figures.length < optim.adam.losses.length) {
      model.setStates(statesOf(recorded, h0, c0));
      for (const [first, end] of bounds.slice(0, -1)) await model.predictOnBatch(windowOf(input(recorded), first, end));
      const last = windowOf(input(recorded), ...bounds.at(-1)!);
      figures.push(await model.trainOnBatch(last, target(recorded)));
    }
    await expectTrained(model, recorded, 'adam', figures);
    expect(figures).toHaveLength(10);
  });
});
