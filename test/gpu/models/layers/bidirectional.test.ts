import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  gru,
  lastStep,
  lstm,
  masking,
  sequential,
  simpleRnn,
  type SequentialOptions,
} from '../../../../src/index.ts';
import {
  kerasBidirectionals,
  ofBackward,
  PADDING,
  padded,
  passedState,
  returnedState,
  statefulness,
  torchBidirectionals,
} from '../../../golden/bidirectional.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import type { GoldenTensor } from '../../../golden/tensor.ts';
import { finalHead, kerasWeights, trainableWeights, withOnes } from '../../../golden/torch-lstm.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { Numbers } from '../../../reference/arrays.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

async function build(
  inputShape: readonly number[],
  layers: SequentialOptions['layers'],
  weights: readonly Numbers[],
  batchSize?: number,
) {
  const model = await sequential(gpu, { inputShape, layers, batchSize });
  onTestFinished(() => model.dispose());
  await setWeights(model, weights);
  return model;
}

const flat = (tensors: readonly { data: Numbers }[]) => tensors.flatMap(({ data }) => Array.from(data));

describe('as Keras', () => {
  const merged = kerasBidirectionals.filter(({ merge_mode }) => merge_mode !== null);

  describe.each(merged)('$merge_mode, sequences $return_sequences', (recorded) => {
    const { merge_mode, return_sequences: returnSequences, weights, x, mask, outputs, outputs_masked } = recorded;
    const inner = lstm({ units: 3, returnSequences, stateful: true });
    const layer = bidirectional(inner, { mergeMode: merge_mode! });
    const list = weights.map(({ data }) => data);

    test('outputs and states', async () => {
      const model = await build(x.shape.slice(1), [layer], list, x.shape[0]);
      const output = await model.predictOnBatch(array(x.data, x.shape));
      expect(output.shape).toEqual(outputs[0].shape);
      expectRecorded(output.data, outputs[0].data, { ...close, what: 'Keras, outputs' });
      expectRecorded(flat(await model.getStates()), flat(outputs.slice(1)), { ...close, what: 'Keras, states' });
    });

    test('outputs and states under a mask', async () => {
      const layers = [masking({ maskValue: PADDING }), layer];
      const model = await build(x.shape.slice(1), layers, list, x.shape[0]);
      const { data } = await model.predictOnBatch(padded(x, mask.data));
      expectRecorded(data, outputs_masked[0].data, { ...close, what: 'Keras, masked outputs' });
      const states = flat(await model.getStates());
      expectRecorded(states, flat(outputs_masked.slice(1)), { ...close, what: 'Keras, masked states' });
    });
  });
});

describe('as the unit tests of Keras', () => {
  /** 0, 1, 2, … */
  const x = array(
    Array.from({ length: 24 }).map((_, index) => index),
    [2, 4, 3],
  );
  const direction = [
    Array<number>(24).fill(0.01),
    Array<number>(16).fill(0.02),
    [0.03, 0.03, 1, 1, 0.03, 0.03, 0.03, 0.03],
  ];
  const make = () =>
    build([4, 3], [bidirectional(lstm({ units: 2, stateful: true }))], [...direction, ...direction], 2);

  test('test_statefulness', async () => {
    const model = await make();
    const first = await model.predictOnBatch(x);
    const second = await model.predictOnBatch(x);
    expectRecorded(second.data, (statefulness.expected as number[][]).flat(), { ...close, what: 'Keras, second call' });
    model.resetStates();
    expect((await model.predictOnBatch(x)).data).toEqual(first.data);
  });

  test('test_pass_initial_state', async () => {
    const model = await make();
    const initialState = [1, 2, 3, 4].map((factor) => array([0, factor, 2 * factor, 3 * factor], [2, 2]));
    const { data } = await model.predictOnBatch(x, { initialState });
    expectRecorded(data, (passedState.expected as number[][]).flat(), { ...close, what: 'Keras, state passed in' });
  });

  test('test_return_state', async () => {
    const layer = lstm({ units: 2, returnState: true });
    const model = await build([4, 3], [bidirectional(layer)], [...direction, ...direction]);
    const { data, states } = await model.predictOnBatch(x);
    const [output, ...expected] = returnedState['expected_[output,h1,c1,h2,c2]'] as number[][][];
    expectRecorded(data, output.flat(), { ...close, what: 'Keras, output' });
    expectRecorded(flat(states!), expected.flat(2), { ...close, what: 'Keras, states returned' });
  });
});

describe('as PyTorch', () => {
  /** PyTorch's [layers · directions, B, H], each h followed by its c. */
  const inOrder = (h: GoldenTensor, c: GoldenTensor) => {
    const [directions, batch, units] = h.shape;
    return Array.from({ length: directions }, (_, n) =>
      [h, c].map(({ data }) => array(data.slice(n * batch * units, (n + 1) * batch * units), [batch, units])),
    ).flat();
  };

  test.each(torchBidirectionals)('$name', async ({ config, params, x, h0, c0, expected }) => {
    const { hidden_size: units, num_layers, lengths, time, batch } = config;
    const mask = Array.from({ length: batch * time }, (_, n) => n % time < (lengths?.[Math.floor(n / time)] ?? time));
    const layers = Array.from({ length: num_layers }, (_, layer) => layer);
    const model = await build(
      x.shape.slice(1),
      [
        masking({ maskValue: PADDING }),
        ...layers.map(() => bidirectional(lstm({ units, returnSequences: true, stateful: true }))),
      ],
      layers.flatMap((layer) =>
        [params, ofBackward(params)].flatMap((direction) => {
          const { kernel, recurrentKernel, bias } = kerasWeights(direction, layer);
          return [kernel, recurrentKernel, bias];
        }),
      ),
      batch,
    );
    model.setStates(inOrder(h0, c0));
    const output = await model.predictOnBatch(padded(x, mask));
    expect(output.shape).toEqual(expected.out.shape);
    expectRecorded(output.data, expected.out.data, { ...close, what: 'PyTorch, outputs' });
    const states = flat(await model.getStates());
    expectRecorded(states, flat(inOrder(expected.hn, expected.cn)), { ...close, what: 'PyTorch, states' });
  });

  // With one layer: the feature that is always 1, see below, serves only a first layer.
  const trained = torchBidirectionals.filter(({ config }) => config.num_layers === 1);
  test.each(trained)('ten steps of Adam from the states given, $name', async (recorded) => {
    const { config, params, head, x, h0, c0, y, optim } = recorded;
    const { hyper, losses, final } = optim.adam;
    const { time, input_size, hidden_size: units } = config;
    const mask = Array.from(
      { length: config.batch * time },
      (_, n) => n % time < (config.lengths?.[Math.floor(n / time)] ?? time),
    );
    // The input's bias is a weight of a feature that is always 1: PyTorch trains two biases, Keras has one.
    const weights = (of: typeof params, ofHead: typeof head) => {
      const [backward, forward] = [trainableWeights(ofBackward(of), ofHead), trainableWeights(of, ofHead)];
      return [...forward.slice(0, 3), ...backward.slice(0, 3), ...forward.slice(3)];
    };
    const model = await build(
      [time, input_size + 1],
      [
        masking({ maskValue: PADDING }),
        bidirectional(lstm({ units, returnSequences: true, stateful: true })),
        lastStep(),
        dense({ units: y.shape[1] }),
      ],
      weights(params, head),
      config.batch,
    );
    // PyTorch's epsilon counts sqrt(1 - 0.999^t) times as much, 0.03 to 0.1 in these steps.
    const optimizer = adam({ learningRate: hyper.lr, epsilon: 0.07 * hyper.eps! });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const shape = [config.batch, time, input_size + 1];
    const input = padded({ shape, data: [...withOnes(x)] }, mask);
    const target = array(y.data, y.shape);
    const seen: number[] = [];
    while (seen.length < losses.length) {
      model.setStates(inOrder(h0, c0));
      seen.push((await model.trainOnBatch(input, target)).loss);
    }
    expectRecorded(seen, losses, { ...close, what: 'PyTorch, losses with Adam' });
    const wanted = weights(final, finalHead(final));
    (await weightsOf(model)).forEach((weight, index) => {
      expectRecorded(weight, wanted[index], {
        atol: 4e-4,
        rtol: 0,
        what: 'PyTorch, weights after ten steps of Adam',
        reason: 'gradients as small as their rounding, on a way of ten steps of 0.01',
      });
    });
  });
});

describe('a bidirectional layer', () => {
  test('names its weights and states after their direction', async () => {
    const layer = bidirectional(lstm({ units: 2, stateful: true }));
    const model = await sequential(gpu, { inputShape: [3, 1], batchSize: 1, layers: [layer] });
    onTestFinished(() => model.dispose());
    const names = ['forwardLstm', 'backwardLstm'].flatMap((direction) =>
      ['kernel', 'recurrentKernel', 'bias'].map((weight) => `bidirectional/${direction}/${weight}`),
    );
    const weights = await model.getWeights();
    expect(weights.map(({ name }) => name)).toEqual(names);
    expect(weights[3].data).not.toEqual(weights[0].data);
    expect((await model.getStates()).map(({ name }) => name)).toEqual(
      ['forwardLstm/h', 'forwardLstm/c', 'backwardLstm/h', 'backwardLstm/c'].map((state) => `bidirectional/${state}`),
    );
  });

  test.each([
    ['lstm', lstm],
    ['gru', gru],
    ['simpleRnn', simpleRnn],
  ])('of %s is that layer on the input and on the reversed input', async (_kind, make) => {
    const random = rng(randomSeed());
    const [rows, steps, features, units] = [3, 5, 2, 4];
    const shape = [rows, steps, features];
    const x = random.array(rows * steps * features, 1);
    const flip = (data: Float32Array, width: number) =>
      data.map((_, index) => {
        const place = Math.floor(index / width);
        return data[(place - 2 * (place % steps) + steps - 1) * width + (index % width)];
      });
    const layer = make({ units, returnSequences: true });
    const both = await sequential(gpu, { inputShape: [steps, features], layers: [bidirectional(layer)] });
    onTestFinished(() => both.dispose());
    const weights = (await both.getWeights()).map(({ data }) => random.array(data.length, 0.5));
    await setWeights(both, weights);
    const { data } = await both.predict(array(x, shape));

    const half = weights.length / 2;
    const forward = await build([steps, features], [layer], weights.slice(0, half));
    const backward = await build([steps, features], [layer], weights.slice(half));
    const outputs = (await forward.predict(array(x, shape))).data;
    const reversed = flip((await backward.predict(array(flip(x, features), shape))).data, units);
    const expected = data.map((_, index) => {
      const place = Math.floor(index / (2 * units)) * units + (index % units);
      return (index % (2 * units) < units ? outputs : reversed)[place];
    });
    expect(data).toEqual(expected);
  });

  test.each([
    ['dense inside', () => bidirectional(dense({ units: 1 })), 'layer is dense, expected one of lstm'],
    ['nothing inside', () => bidirectional(undefined as never), 'layer is undefined, expected one of lstm'],
    ['a merge mode that is none', () => bidirectional(lstm({ units: 1 }), { mergeMode: 'max' as 'sum' }), '"max"'],
    ['an option that is none', () => bidirectional(lstm({ units: 1 }), { merge: 'sum' } as never), '"merge"'],
  ])('refuses %s', (_what, make, message) => {
    expect(make).toThrow(message);
  });

  test('refuses a layer that goes backwards itself, as Keras 3 does', async () => {
    const layers = [bidirectional(lstm({ units: 1, goBackwards: true }))];
    await expect(sequential(gpu, { inputShape: [3, 1], layers })).rejects.toThrow('goBackwards: true');
  });

  test('refuses zeroOutputForMask where it would change what Keras gives', async () => {
    const build = (returnSequences: boolean) =>
      sequential(gpu, {
        inputShape: [3, 1],
        layers: [bidirectional(lstm({ units: 1, returnSequences, zeroOutputForMask: true }))],
      });
    await expect(build(false)).rejects.toThrow('zeroOutputForMask');
    (await build(true)).dispose();
  });
});
