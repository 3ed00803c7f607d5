import { expect, test } from 'vitest';
import type { Files } from '../../../src/formats/contents.ts';
import { namesBesideTfjs, readTfjs } from '../../../src/formats/tfjs/read-layers-model.ts';

const text = (json: unknown) => new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
const floats = (...numbers: number[]) => new Uint8Array(Float32Array.from(numbers).buffer);
const whole = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const dense = {
  class_name: 'Dense',
  config: { name: 'head', units: 1, batch_input_shape: [null, 2], use_bias: false },
};
const topology = {
  class_name: 'Sequential',
  config: { name: 'net', layers: [dense] },
  keras_version: 'tfjs-layers 4.22.0',
};
const kernel = { name: 'head/kernel', shape: [2, 1], dtype: 'float32' };

type Weights = Record<string, unknown>[];
const json = (weights: Weights = [kernel], more: object = {}) => ({
  format: 'layers-model',
  modelTopology: topology,
  weightsManifest: [{ paths: ['./a.bin'], weights }],
  ...more,
});
const read = (given: unknown, file = floats(1, 2), more: Record<string, Uint8Array<ArrayBuffer>> = {}) =>
  readTfjs('loadModel: model.json', text(given), new Map(Object.entries({ 'a.bin': file, ...more })) as Files);
const kernelOf = async (...given: Parameters<typeof read>) => [...(await read(...given)).weights![0].data];

test('a model with one weight is read', async () => {
  expect(namesBesideTfjs('test', text(json()))).toEqual(['a.bin']);
  expect(await kernelOf(json())).toEqual([1, 2]);
});

test('files are joined wherever they are cut, and whatever names lie between those of layer and weight', async () => {
  const groups = [
    { paths: ['a.bin', 'b.bin', 'c.bin'], weights: [{ ...kernel, name: 'net/head/inner/kernel:0', group: 'model' }] },
  ];
  const all = floats(1, 2);
  const files = { 'b.bin': all.slice(3, 5), 'c.bin': all.slice(5) };
  expect(await kernelOf({ ...json(), weightsManifest: groups }, all.slice(0, 3), files)).toEqual([1, 2]);
});

test.each([
  ['uint8', { dtype: 'uint8', min: -1, scale: 0.5, original_dtype: 'float32' }, Uint8Array.of(0, 255), [-1, 126.5]],
  ['uint16', { dtype: 'uint16', min: 1, scale: 2 }, Uint8Array.of(1, 0, 0, 1), [3, 513]],
  ['float16', { dtype: 'float16' }, Uint8Array.of(0, 0x3c, 0, 0xc0), [1, -2]],
])('numbers that are stored as %s', async (_dtype, quantization, file, expected) => {
  expect(await kernelOf(json([{ ...kernel, quantization }]), file)).toEqual(expected);
});

test('what Keras was compiled with is read from a converted file', async () => {
  const wrapped = {
    keras_version: '2.11.0',
    backend: 'tensorflow',
    model_config: { class_name: 'Sequential', config: topology.config },
    training_config: { loss: 'mse', optimizer_config: { class_name: 'SGD', config: { learning_rate: 0.5 } } },
  };
  const { compile, optimizerState } = await read(json([kernel], { modelTopology: wrapped }));
  expect(compile).toMatchObject({ optimizer: { name: 'sgd', options: { learningRate: 0.5 } } });
  expect(optimizerState).toBeUndefined();
});

const trained = (class_name: string, config: object) => ({
  trainingConfig: { loss: 'mean_squared_error', metrics: [], optimizer_config: { class_name, config } },
});
const iter = { name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' };
const moment = (end: string) => ({ ...kernel, name: `head/kernel/${end}`, group: 'optimizer' });
const rmsprop = { learningRate: 0.1, decay: 0.8, momentum: 0.5, epsilon: 1e-7, centered: false };

test('the moments of each optimizer become those of Keras', async () => {
  const sgd = await read(json([kernel, iter], trained('SGD', { learningRate: 0.1 })), joined(floats(1, 2), whole(7)));
  const zeros = { data: Float32Array.of(0, 0) };
  expect(sgd.optimizerState).toMatchObject({ iterations: 7, learningRate: 0.1, moments: { momentum: [zeros] } });

  const momentum = json(
    [kernel, iter, moment('momentum')],
    trained('Momentum', { learningRate: 0.5, momentum: 0.9, useNesterov: true }),
  );
  const read1 = await read(momentum, joined(floats(1, 2), whole(3), floats(4, -2)));
  expect(read1.compile!.optimizer).toEqual({
    name: 'sgd',
    options: { learningRate: 0.5, momentum: 0.9, nesterov: true },
  });
  expect(read1.optimizerState!.moments.momentum[0].data).toEqual(Float32Array.of(-2, 1));

  const read2 = await read(
    json([kernel, iter, moment('rms'), moment('momentum')], trained('RMSProp', rmsprop)),
    joined(floats(1, 2), whole(3), floats(3, 4), floats(5, 6)),
  );
  expect(read2.compile!.optimizer).toMatchObject({ name: 'rmsprop', options: { rho: 0.8, momentum: 0.5 } });
  expect(read2.optimizerState!.moments).toMatchObject({
    velocity: [{ data: Float32Array.of(3, 4) }],
    momentum: [{ data: Float32Array.of(5, 6) }],
  });
});

const adamOptions = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const adam = trained('Adam', adamOptions);
const stacked = (cell: unknown) => ({
  modelTopology: { ...topology, config: { layers: [{ class_name: 'RNN', config: { name: 'stack', cell } }] } },
});

test('the epsilon of Adam is that of TensorFlow.js where its place makes no difference any more', async () => {
  const weights = [kernel, iter, moment('m'), moment('v')];
  const file = joined(floats(1, 2), whole(50_000), floats(1, 2, 3, 4));
  const { compile } = await read(json(weights, trained('Adam', { ...adamOptions, epsilon: 1e-4 })), file);
  expect(compile!.optimizer.options.epsilon).toBe(1e-4);
});

const withLayer = (config: object) => ({
  modelTopology: { ...topology, config: { layers: [{ ...dense, config: { ...dense.config, ...config } }] } },
});

test.each<[string, unknown, string, Uint8Array<ArrayBuffer>?]>([
  ['no JSON', '{', 'expected JSON: '],
  ['a page of another kind', { a: 1 }, 'modelTopology is missing, expected the architecture. Is this the model.json'],
  [
    'a graph model',
    json([], { format: 'graph-model' }),
    'format is "graph-model", expected "layers-model". A graph model has no',
  ],
  ['an unknown field', json([], { signature: 1 }), 'signature is 1, which is not understood'],
  ['no weights', { modelTopology: topology }, 'weightsManifest is missing, expected a list'],
  [
    'an unknown layer',
    json([], { modelTopology: { ...topology, config: { layers: [{ class_name: 'X', config: dense.config }] } } }),
    'class_name is "X"',
  ],
  [
    'an unknown option',
    json([kernel], withLayer({ lazy: true })),
    'layer "head" (Dense): modelTopology.config.layers[0].config.lazy',
  ],
  ['a file twice', json([], { weightsManifest: [{ paths: ['a', './a'], weights: [] }] }), 'names the file "a" twice'],
  ['a weight twice', json([kernel, kernel]), 'weightsManifest names the weight "head/kernel" twice'],
  [
    'the same weight by two names',
    json([kernel, { ...kernel, name: 'head/x/kernel' }]),
    'the same weight of a layer',
    floats(1, 2, 3, 4),
  ],
  [
    'a missing file',
    json([kernel], { weightsManifest: [{ paths: ['b'], weights: [kernel] }] }),
    'it names the file "b", which is not given',
  ],
  ['short files', json(), '"a.bin" have 7 bytes, expected 8 for the weights in them', floats(1, 2).slice(1)],
  [
    'a size without bound',
    json([{ ...kernel, shape: [2 ** 53 - 1, 2 ** 53 - 1] }]),
    'have 8 bytes, expected 3.2451855365842665e+32',
  ],
  ['a negative size', json([{ ...kernel, shape: [-2, -1] }]), 'weightsManifest[0].weights[0].shape[0] is -2'],
  ['weights of texts', json([{ ...kernel, dtype: 'string' }]), 'dtype is "string", expected one of "float32", "int32"'],
  [
    'an unknown quantization',
    json([{ ...kernel, quantization: { dtype: 'uint4' } }]),
    'quantization.dtype is "uint4", expected one of',
  ],
  [
    'no scale',
    json([{ ...kernel, quantization: { dtype: 'uint8', min: 0 } }]),
    'quantization.scale is missing, expected a finite number',
  ],
  ['another shape', json([{ ...kernel, shape: [1, 2] }]), '"head/kernel" has shape [1, 2], expected [2, 1].'],
  ['another layer', json([{ ...kernel, name: 'tail/kernel' }]), 'has "tail/kernel", but no layer has this name'],
  ['no kernel', json([], { weightsManifest: [] }), 'weightsManifest lacks the kernel [2, 1] of layer "head"'],
  [
    'a bias too many',
    json([kernel, { ...kernel, name: 'head/bias' }]),
    'has "head/bias", but its layer has no such weight',
    floats(1, 2, 3, 4),
  ],
  [
    'an optimizer without options',
    json([kernel, iter]),
    '"iter" is a weight of an optimizer, but there is no trainingConfig',
    joined(floats(1, 2), whole(1)),
  ],
  [
    'an unknown optimizer',
    json([kernel], trained('Adagrad', {})),
    'trainingConfig.optimizer_config.class_name is "Adagrad"',
  ],
  [
    'a centered RMSProp',
    json([kernel], trained('RMSProp', { ...rmsprop, centered: true })),
    'centered is true. The centered RMSProp',
  ],
  [
    'an Adam whose epsilon counts in another place',
    json([kernel, iter, moment('m'), moment('v')], trained('Adam', { ...adamOptions, epsilon: 1e-4 })),
    'epsilon is 0.0001 after 9 updates. TensorFlow.js adds it to the corrected root',
    joined(floats(1, 2), whole(9), floats(1, 2, 3, 4)),
  ],
  [
    'stacked cells',
    json([], stacked({ class_name: 'StackedRNNCells', config: { cells: [] } })),
    'is "StackedRNNCells"',
  ],
  ['a list of cells', json([], stacked([])), 'modelTopology.config.layers[0].config.cell is a list of cells'],
  [
    'no count',
    json([kernel, moment('m')], adam),
    'first weight is "head/kernel/m", expected the number "iter"',
    floats(1, 2, 3, 4),
  ],
  [
    'one moment',
    json([kernel, iter, moment('m')], adam),
    'the optimizer adam has 1 arrays, expected 2',
    joined(floats(1, 2), whole(1), floats(1, 2)),
  ],
  [
    'moments of another order',
    json([kernel, iter, moment('v'), moment('m')], adam),
    'the optimizer has "head/kernel/v" [2, 1], expected "…/m" [2, 1] for "head/kernel"',
    joined(floats(1, 2), whole(1), floats(1, 2, 3, 4)),
  ],
])('%s is refused', async (_what, given, message, file) => {
  const error = await read(given, file).catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(/^loadModel: model\.json: /);
  expect((error as Error).message).toContain(message);
});
