import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  embedding,
  gru,
  lstm,
  masking,
  sequential,
  simpleRnn,
  type LayerDefinition,
  type SequentialOptions,
  type Weight,
} from '../../../../src/index.ts';
import { expectClose, expectSame } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { RecurrentSpec } from '../../../reference/cells.ts';
import { layerSteps } from '../../../reference/layer-steps.ts';
import { countDispatches, countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';
import { expectSteps } from './expect-steps.ts';

const FEATURES = 3;
const UNITS = 5;
const close = { atol: 4e-6, rtol: 1e-5, reason: 'float32, summed in another order by other kernels' };

type Draw = ReturnType<typeof rng>;

/** A model with random weights, biases too, which lives as long as the test. */
async function build(random: Draw, options: Omit<SequentialOptions, 'seed'>) {
  const model = await sequential(gpu, options);
  onTestFinished(() => model.dispose());
  const weights = (await model.getWeights()).map((weight) => ({
    ...weight,
    data: random.array(weight.data.length, 0.5),
  }));
  model.setWeights(weights);
  return { model, weights };
}

const dataOf = (weights: readonly Weight[], first: number) => weights.slice(first, first + 3).map(({ data }) => data);

type Options = { units: number; returnSequences: boolean; goBackwards?: boolean };

const cells: [string, RecurrentSpec, (options: Options) => LayerDefinition][] = [
  ['lstm', { cell: 'lstm' }, lstm],
  ['gru', { cell: 'gru' }, gru],
  ['gru, reset before', { cell: 'gru', resetAfter: false }, (options) => gru({ ...options, resetAfter: false })],
  ['simpleRnn', { cell: 'simpleRnn' }, simpleRnn],
];

describe.each(cells)('%s:', (_name, spec, cell) => {
  test('gates and states of all steps are those of the twin, with lengths and initial states', async () => {
    const random = rng(randomSeed());
    const shape = { batch: 3, steps: 6, features: FEATURES, units: UNITS };
    const { model, weights } = await build(random, {
      inputShape: [null, FEATURES],
      layers: [cell({ units: UNITS, returnSequences: true })],
    });
    const x = { data: random.array(3 * 6 * FEATURES, 1), shape: [3, 6, FEATURES] };
    const initial = Array.from({ length: spec.cell === 'lstm' ? 2 : 1 }, () => random.array(3 * UNITS, 0.7));
    const initialState = initial.map((data) => ({ data, shape: [3, UNITS] }));
    const options = { lengths: [6, 0, 4], initialState };
    // Padding must not show what the same memory held before.
    await model.trace(x, { ...options, lengths: [6, 6, 6] });
    const { outputs, layers } = await model.trace(x, options);
    const mask = Array.from({ length: 18 }, (_, n) => Number(n % 6 < options.lengths[Math.floor(n / 6)]));
    const twin = layerSteps(spec, shape, dataOf(weights, 0), x.data, { mask, initial });
    expect(layers.map(({ name, type }) => [name, type])).toEqual([[spec.cell, spec.cell]]);
    expect(layers[0].h.shape).toEqual([3, 6, UNITS]);
    expectSteps(layers[0], twin, 'the layer');
    expectClose(outputs.data, twin.output, { ...close, what: 'outputs' });
    expect(outputs.shape).toEqual([3, 6, UNITS]);
  });

  test('goes backwards, and the steps stay those of the input', async () => {
    const random = rng(randomSeed());
    const shape = { batch: 2, steps: 5, features: FEATURES, units: UNITS };
    const { model, weights } = await build(random, {
      inputShape: [5, FEATURES],
      layers: [cell({ units: UNITS, returnSequences: false, goBackwards: true }), dense({ units: 2 })],
    });
    const x = { data: random.array(2 * 5 * FEATURES, 1), shape: [2, 5, FEATURES] };
    const lengths = [5, 3];
    const { outputs, layers } = await model.trace(x, { lengths });
    const mask = Array.from({ length: 10 }, (_, n) => Number(n % 5 < lengths[Math.floor(n / 5)]));
    const twin = layerSteps({ ...spec, goBackwards: true }, shape, dataOf(weights, 0), x.data, { mask });
    expectSteps(layers[0], twin, 'the layer');
    const predicted = await model.predict(x, { lengths });
    expectClose(outputs.data, predicted.data, { ...close, what: 'outputs' });
    expect(outputs.shape).toEqual(predicted.shape);
  });
});

test('a stack with a mask of its own and both directions: every layer gives its steps, in order', async () => {
  const random = rng(randomSeed());
  const [batch, steps] = [2, 7];
  const { model, weights } = await build(random, {
    inputShape: [steps, FEATURES],
    layers: [
      masking({ maskValue: 9 }),
      lstm({ units: 4, returnSequences: true }),
      bidirectional(gru({ units: 3, returnSequences: true })),
      simpleRnn({ units: 2 }),
    ],
  });
  const data = random.array(batch * steps * FEATURES, 1);
  const mask = Array.from({ length: batch * steps }, () => random.integer(0, 1));
  const x = {
    data: data.map((value, n) => (mask[Math.floor(n / FEATURES)] ? value : 9)),
    shape: [batch, steps, FEATURES],
  };
  const { outputs, layers } = await model.trace(x);
  const shape = { batch, steps, features: FEATURES, units: 4 };
  const first = layerSteps({ cell: 'lstm' }, shape, dataOf(weights, 0), x.data, { mask });
  const middle = { batch, steps, features: 4, units: 3 };
  const [forward, backward] = [false, true].map((goBackwards, n) =>
    layerSteps({ cell: 'gru', goBackwards }, middle, dataOf(weights, 3 + 3 * n), first.output, { mask }),
  );
  // Merged outputs of masked steps are zeros, as in Keras.
  const merged = Float64Array.from({ length: batch * steps * 6 }, (_, n) => {
    const step = Math.floor(n / 6);
    if (!mask[step]) return 0;
    return (n % 6 < 3 ? forward.h : backward.h)[step * 3 + (n % 3)];
  });
  const last = { batch, steps, features: 6, units: 2 };
  const top = layerSteps({ cell: 'simpleRnn' }, last, dataOf(weights, 9), merged, { mask });
  expect(layers.map(({ name, type }) => [name, type])).toEqual([
    ['lstm', 'lstm'],
    ['bidirectional/forwardGru', 'gru'],
    ['bidirectional/backwardGru', 'gru'],
    ['simpleRnn', 'simpleRnn'],
  ]);
  [first, forward, backward, top].forEach((twin, n) => expectSteps(layers[n], twin, layers[n].name));
  expectClose(outputs.data, top.last[0], { ...close, what: 'outputs' });
});

test('one sequence, ragged ones and indices are taken, and layers that are wide or half as long', async () => {
  const random = rng(randomSeed());
  const { model } = await build(random, { inputShape: [null, FEATURES], layers: [lstm({ units: 130 })] });
  const data = random.array(4 * FEATURES, 1);
  const one = await model.trace({ data, shape: [4, FEATURES] });
  const many = await model.trace({ data, shape: [1, 4, FEATURES] });
  expect(one.layers[0].h.shape).toEqual([1, 4, 130]);
  expectSame(one.layers[0].gates.f.data, many.layers[0].gates.f.data, 'f');
  expectSame(one.outputs.data, (await model.predict({ data, shape: [1, 4, FEATURES] })).data, 'outputs');
  expectSame(one.layers[0].h.data.subarray(3 * 130), one.outputs.data, 'the last h');

  const { model: words } = await build(random, {
    inputShape: [null],
    layers: [embedding({ inputDim: 9, outputDim: 2, maskZero: true }), gru({ units: 3 })],
  });
  const [layer] = (await words.trace([[5, 6, 7], [8]])).layers;
  expect(layer.h.shape).toEqual([2, 3, 3]);
  expect(Array.from(layer.gates.z.data.subarray(12))).toEqual(Array(6).fill(0));
  expectSame(layer.h.data.subarray(15), layer.h.data.subarray(9, 12), 'h at padding');
  expectSame((await words.trace([5, 6, 7])).layers[0].h.data, layer.h.data.subarray(0, 9), 'a flat list of indices');
});

test('long sequences and many samples are computed in parts, with the same results', async () => {
  const random = rng(randomSeed());
  const features = 4096;
  const { model } = await build(random, {
    inputShape: [null, features],
    layers: [lstm({ units: 2, returnSequences: true }), gru({ units: 2, returnSequences: true }), dense({ units: 1 })],
  });
  // More numbers than a part may have, so that it is cut in time; most of them are 0, which takes less time to draw.
  const steps = 260;
  const data = new Float32Array(steps * features);
  for (let step = 0; step < steps; step++) data.set(random.array(4, 1), step * features);
  const x = { data, shape: [1, steps, features] };
  const lengths = [steps - 5];
  const calls = countGpuCalls();
  const { outputs, layers } = await model.trace(x, { lengths });
  expect(calls().submit).toBe(2);
  const whole = await model.predict(x, { lengths });
  expectClose(outputs.data, whole.data, { ...close, what: 'outputs' });
  const h = layers[0].h.data;
  expectSame(h.subarray(-2), h.subarray(2 * (steps - 6), 2 * (steps - 5)), 'h at padding');
  const begin = await model.trace({ data: data.subarray(0, 9 * features), shape: [9, features] });
  expectClose(h.subarray(0, 18), begin.layers[0].h.data, { ...close, what: 'h at first' });

  const { model: small } = await build(random, { inputShape: [2, 1], layers: [simpleRnn({ units: 2 })] });
  const samples = { data: random.array(2 * 1030, 1), shape: [1030, 2, 1] };
  const traced = await small.trace(samples);
  const predicted = await small.predict(samples);
  expectClose(traced.outputs.data, predicted.data, { ...close, what: 'outputs of many samples' });
  const last = Float32Array.from(
    { length: 2060 },
    (_, n) => traced.layers[0].h.data[4 * Math.floor(n / 2) + 2 + (n % 2)],
  );
  expectSame(last, traced.outputs.data, 'the last h of many samples');
});

test('states are neither read nor changed, and nothing is left that makes other calls slower', async () => {
  const random = rng(randomSeed());
  const { model } = await build(random, {
    inputShape: [4, FEATURES],
    batchSize: 2,
    slots: 1,
    layers: [lstm({ units: UNITS, stateful: true }), dense({ units: 1 })],
  });
  const x = { data: random.array(2 * 4 * FEATURES, 1), shape: [2, 4, FEATURES] };
  const first = await model.trace(x);
  await model.predictOnBatch(x);
  const predict = () => countDispatches(() => model.predictOnBatch(x));
  const dispatches = await predict();
  const states = await model.getStates();
  model.resetStates([1]);
  const second = await model.trace(x);
  expectSame(second.layers[0].h.data, first.layers[0].h.data, 'h, from zero');
  const after = await model.getStates();
  expectSame(after[0].data.subarray(0, UNITS), states[0].data.subarray(0, UNITS), 'the state of a row');
  expect(Array.from(after[0].data.subarray(UNITS))).toEqual(Array(UNITS).fill(0));
  const calls = countGpuCalls();
  expect(await predict()).toBe(dispatches);
  expect(calls()).toMatchObject({ createBuffer: 0, createBindGroup: 0, submit: 1 });
  await model.trace(x);
  expect(calls()).toMatchObject({ createBuffer: 0, createBindGroup: 0, submit: 2 });
});

test('what cannot be traced is refused, in the order of calls', async () => {
  const random = rng(randomSeed());
  const { model } = await build(random, {
    inputShape: [null, FEATURES],
    layers: [lstm({ units: 2 }), dense({ units: 1 })],
  });
  const x = { data: random.array(8 * FEATURES, 1), shape: [2, 4, FEATURES] };
  await expect(model.trace({ ...x, shape: [4, 2, FEATURES + 1] })).rejects.toThrow('model.trace: x has 24 numbers');
  await expect(model.trace({ data: [1, NaN, 1], shape: [1, 3] })).rejects.toThrow('model.trace: x holds NaN');
  await expect(model.trace(x, { batchSize: 2 } as object)).rejects.toThrow('batchSize');
  await expect(model.trace(x, { lengths: [5, 1] })).rejects.toThrow('model.trace: lengths');
  const { model: plain } = await build(random, { inputShape: [FEATURES], layers: [dense({ units: 1 })] });
  await expect(plain.trace([1, 2, 3])).rejects.toThrow('no layer of this model is recurrent');

  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  const before = model.trace(x);
  const fit = model.fit(x, [1, 2]);
  await expect(model.trace(x)).rejects.toThrow('model.fit is still running');
  await fit;
  const after = await model.trace(x);
  expect((await before).layers[0].h.data).not.toEqual(after.layers[0].h.data);
  const waiting = model.trace(x);
  model.dispose();
  await expect(waiting).rejects.toThrow('disposed');
});
