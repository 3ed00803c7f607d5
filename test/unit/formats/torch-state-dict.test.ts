import { expect, test } from 'vitest';
import type { LayerContents } from '../../../src/formats/contents.ts';
import { readTorch, readTorchWeights } from '../../../src/formats/torch/read-state-dict.ts';
import { isSafetensors } from '../../../src/formats/torch/is-safetensors.ts';
import { safetensorsFile, withHeader, type GivenTensor } from './safetensors-file.ts';

const lstm = (units: number, more = {}): LayerContents => ({ type: 'lstm', options: { units, ...more } });
const dense = (units: number, more = {}): LayerContents => ({ type: 'dense', options: { units, ...more } });
const lastStep: LayerContents = { type: 'lastStep', options: {} };

/** An array whose numbers are all the same. */
const filled = (name: string, shape: number[], value = 1): GivenTensor => ({
  name,
  shape,
  data: Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => value),
});

/** The arrays of an LSTM, filled with one number. */
const lstmArrays = (module: string, features: number, units: number, value = 1, level = 'l0') => [
  filled(`${module}weight_ih_${level}`, [4 * units, features], value),
  filled(`${module}weight_hh_${level}`, [4 * units, units], value),
  filled(`${module}bias_ih_${level}`, [4 * units], value),
  filled(`${module}bias_hh_${level}`, [4 * units], value),
];
const linearArrays = (module: string, inputs: number, outputs: number, value = 1) => [
  filled(`${module}.weight`, [outputs, inputs], value),
  filled(`${module}.bias`, [outputs], value),
];

const read = (tensors: readonly GivenTensor[], layers: LayerContents[], features = 3) =>
  readTorchWeights('loadWeights: a', safetensorsFile(tensors), { layers, inputShape: [null, features] });

/** The first number of each weight. */
const firstNumbers = async (...given: Parameters<typeof read>) => (await read(...given)).map(({ data }) => data[0]);

test.each(['', 'lstm.', 'encoder.rnn.', 'module.net.0.'])(
  'a module is found whatever the path %j before it',
  async (path) => {
    const tensors = [...linearArrays('head', 2, 1, 5), ...lstmArrays(path, 3, 2, 3)];
    expect(await firstNumbers(tensors, [lstm(2), dense(1)])).toEqual([3, 3, 6, 5, 5]);
  },
);

test('levels of one module are layers in their order, and modules of the same shapes are told apart by names', async () => {
  const stack = [2, 1, 0].flatMap((level) => lstmArrays('rnn.', 2, 2, level + 1, `l${level}`));
  const layers = [0, 1, 2].map(() => lstm(2, { returnSequences: true }));
  expect(await firstNumbers(stack, layers, 2)).toEqual([1, 1, 2, 2, 2, 4, 3, 3, 6]);

  const heads = [...linearArrays('net.a', 3, 3, 1), ...linearArrays('net.b', 3, 3, 2)];
  expect(await firstNumbers(heads, [dense(3, { name: 'b' }), dense(3, { name: 'net.a' })])).toEqual([2, 2, 1, 1]);
  await expect(read(heads, [dense(3), dense(3)])).rejects.toThrow(
    'loadWeights: a: "net.a", "net.b" have arrays of the same shapes, and so have the layers "dense", "dense_1". Name the layers ' +
      'like the modules, { name: "a" }, so that it is known which is which.',
  );
  const two = [...stack, ...[0, 1, 2].flatMap((level) => lstmArrays('back.', 2, 2, level + 5, `l${level}`))];
  const named = ['back_l2', 'back_l1', 'back_l0', 'rnn_l0', 'rnn_l1', 'rnn_l2'].map((name) => lstm(2, { name }));
  const kernels = (await firstNumbers(two, named, 2)).filter((_, n) => n % 3 === 0);
  expect(kernels).toEqual([7, 6, 5, 1, 2, 3]);
});

test('what is missing, left over or of another shape is refused by name', async () => {
  const layers = [lstm(2), dense(1)];
  const whole = [...lstmArrays('lstm.', 3, 2), ...linearArrays('fc', 2, 1)];
  await expect(read(whole.slice(0, -1), layers)).rejects.toThrow(
    'loadWeights: a: nothing in it fits layer "dense", which needs weight [1, 2], bias [1]; the model has no layer for ' +
      '"fc.weight [1, 2]".',
  );
  await expect(read(whole.slice(1), layers)).rejects.toThrow(
    'nothing in it fits layer "lstm", which needs weight_ih [8, 3]',
  );
  await expect(read([...whole, filled('norm.running_mean', [2])], layers)).rejects.toThrow(
    'loadWeights: a: the model has no layer for "norm.running_mean [2]".',
  );
  await expect(read(whole, [lstm(2), dense(4)])).rejects.toThrow(
    'loadWeights: a: "fc.weight" has shape [1, 2], expected [4, 2] for layer "dense".',
  );
  await expect(read(whole, [lstm(2), dense(1), dense(1)])).rejects.toThrow(
    'nothing in it fits layer "dense_1", which needs weight [1, 1], bias [1].',
  );
  await expect(read(whole, [lstm(2, { useBias: false }), dense(1)])).rejects.toThrow('"lstm.bias_ih_l0 [8]"');
  await expect(read(whole, [{ type: 'gru', options: { units: 2 } }, dense(1)])).rejects.toThrow(
    '"lstm.weight_ih_l0" has shape [8, 3], expected [6, 3] for layer "gru"',
  );
  await expect(read([...whole, filled('lstm.weight_hr_l0', [1, 2])], layers)).rejects.toThrow(
    'module "lstm" has proj_size, which no layer here has.',
  );
  await expect(read(lstmArrays('lstm.', 3, 2, 1, 'l1'), [lstm(2)])).rejects.toThrow(
    'module "lstm" has a level 1, but none below. Is the file complete?',
  );
  await expect(read([...whole, filled('lstm.weight_ih', [8, 3])], layers)).rejects.toThrow(
    '"lstm.weight_ih_l0" and "lstm.weight_ih" are the same array of a module.',
  );
  await expect(read([], layers)).rejects.toThrow('nothing in it fits layer "lstm"');
  await expect(read([...whole, ...linearArrays('fc2', 2, 1)], [lstm(2), dense(1, { name: 'fc2' })])).rejects.toThrow(
    'the model has no layer for "fc.weight [1, 2]", "fc.bias [1]".',
  );
});

test('numbers that float32 does not hold exactly are refused', async () => {
  const double = { name: 'fc.weight', shape: [1, 3], dtype: 'F64', bytes: new Uint8Array(24) };
  await expect(read([double], [dense(1, { useBias: false })])).rejects.toThrow(
    'loadWeights: a: "fc.weight" has dtype F64, expected F32, F16 or BF16. In PyTorch, save model.float().state_dict().',
  );
});

test('every number of half precision is read as what it is', async () => {
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x3555, 0x03ff, 0x0400);
  const half = { name: 'w.weight', shape: [8, 1], dtype: 'F16', bytes: new Uint8Array(bits.buffer) };
  const [{ data }] = await read([half], [lastStep, dense(8, { useBias: false })], 1);
  expect([...data]).toEqual([1, -2, 2 ** -24, -0, 65504, 0.333251953125, 1023 * 2 ** -24, 2 ** -14]);
  const upper = {
    ...half,
    dtype: 'BF16',
    bytes: new Uint8Array(Uint16Array.of(0x3f80, 0xc049, 1, 0, 0, 0, 0, 0x7f7f).buffer),
  };
  const [{ data: brain }] = await read([upper], [lastStep, dense(8, { useBias: false })], 1);
  expect([...brain].slice(0, 3)).toEqual([1, -3.140625, 2 ** -133]);
  expect(brain[7]).toBeCloseTo(3.3895e38, -34);
});

const entry = (offsets: string, shape = '[1]', dtype = 'F32') =>
  `{"fc.weight":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;

test.each<[string, Uint8Array<ArrayBuffer>, string]>([
  ['an empty file', new Uint8Array(0), 'w: it has 0 bytes, expected the length of a header in 8.'],
  ['a long header', withHeader('{}', [], 3), 'the header should have 3 bytes, but the file has 10 in all'],
  ['an endless header', withHeader('{}', [], 2 ** 53), 'the header should have 9007199254740992 bytes'],
  [
    'a header of spaces',
    withHeader(`{}${' '.repeat(2 ** 24)}`),
    'its JSON text has 16777218 bytes, expected at most 16777216',
  ],
  ['no JSON', withHeader('{"a":'), 'header: expected JSON'],
  ['a list', withHeader('[]'), 'header is [], expected an object'],
  ['no offsets', withHeader('{"a":{"dtype":"F32","shape":[]}}'), 'header.a.data_offsets is missing, expected a list'],
  ['an unknown field', withHeader('{"a":{"sparse":1}}'), 'header.a.sparse is 1, which is not understood'],
  ['an unknown type', withHeader(entry('[0,4]', '[1]', 'F31'), [1, 2, 3, 4]), '.dtype is "F31", expected one of'],
  [
    'a shape that overflows',
    withHeader(entry('[0,4]', '[4294967296,4294967296]'), [1, 2, 3, 4]),
    'expected 73786976294838210000 bytes',
  ],
  ['a negative size', withHeader(entry('[0,4]', '[-1,-1]'), [1, 2, 3, 4]), '.shape[0] is -1, expected a whole number'],
  ['three offsets', withHeader(entry('[0,4,8]'), [1, 2, 3, 4]), 'data_offsets is [0,4,8], expected [begin, end)'],
  [
    'offsets beyond the end',
    withHeader(entry('[0,4]'), [1, 2, 3]),
    'within the 3 bytes behind the header. Is the file complete?',
  ],
  ['offsets that go back', withHeader(entry('[4,0]'), [1, 2, 3, 4]), 'data_offsets is [4,0], expected [begin, end)'],
  ['a hole', withHeader(entry('[4,8]'), [1, 2, 3, 4, 5, 6, 7, 8]), 'begins at byte 4 behind the header, expected 0'],
  [
    'a rest',
    withHeader(entry('[0,4]'), [1, 2, 3, 4, 5]),
    'the arrays end at byte 4 behind the header, expected its end at 5.',
  ],
  ['numbers as metadata', withHeader('{"__metadata__":{"a":1}}'), 'header.__metadata__.a is 1, expected a text'],
  [
    'many arrays',
    withHeader(JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [n, 0])))),
    'it holds 10001 arrays, expected at most 10000.',
  ],
])('%s is refused', async (_what, file, message) => {
  const layers = [dense(1, { useBias: false })];
  await expect(readTorchWeights('w', file, { layers, inputShape: [1] })).rejects.toThrow(message);
});

const architecture = (value: unknown, tensors: readonly GivenTensor[] = []) =>
  readTorch(
    'loadModel: a',
    safetensorsFile(tensors, { 'lstm-webgpu': typeof value === 'string' ? value : JSON.stringify(value) }),
  );

test.each<[string, unknown, string]>([
  ['no JSON', '{', '__metadata__["lstm-webgpu"]: expected JSON'],
  ['an unknown field', { inputShape: [1], layers: [], loss: 'mse' }, '.loss is "mse", which is not understood'],
  [
    'a shape of images',
    { inputShape: [1, 2, 3], layers: [] },
    '.inputShape is [1,2,3], expected [timesteps, features]',
  ],
  ['no features', { inputShape: [1, null], layers: [] }, '.inputShape[1] is null, expected a whole number'],
  ['no options', { inputShape: [1], layers: [{ type: 'dense' }] }, '.layers[0].options is missing, expected an object'],
  [
    'no units',
    { inputShape: [1], layers: [{ type: 'dense', options: {} }] },
    'layer "dense": units is undefined, expected',
  ],
  [
    'an unknown layer',
    { inputShape: [1], layers: [{ type: 'conv', options: {} }] },
    'layer "conv" has the type "conv", which has',
  ],
  [
    'two directions of a dense layer',
    { inputShape: [1, 1], layers: [{ type: 'bidirectional', options: { layer: { type: 'dense', options: {} } } }] },
    '.layers[0].options.layer.type is "dense", expected one of "lstm", "gru", "simpleRnn".',
  ],
  [
    'many layers',
    { inputShape: [1], layers: Array.from({ length: 1001 }, () => ({ type: 'dense', options: {} })) },
    '.layers is an array of length 1001, expected at most 1000 layers.',
  ],
  ['other weights', { inputShape: [1], layers: [dense(1)] }, 'nothing in it fits layer "dense"'],
])('an architecture with %s is refused', async (_what, value, message) => {
  await expect(architecture(value)).rejects.toThrow(message);
});

test('a file is recognized by its header', () => {
  expect(isSafetensors(withHeader('{}'))).toBe(true);
  const text = (content: string) => new TextEncoder().encode(content);
  expect(['{"format":"layers-model"}', '', '{', 'PK'].map((begin) => isSafetensors(text(begin)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
