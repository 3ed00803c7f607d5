import { expect, test } from 'vitest';
import { jsonText } from '../../../src/formats/keras/config/json-text.ts';
import { outputShape } from '../../../src/formats/keras/config/shapes.ts';
import { readModelConfig } from '../../../src/formats/keras/config/read-model-config.ts';
import { writeModelConfig } from '../../../src/formats/keras/config/write-model-config.ts';
import { JsonValue } from '../../../src/formats/reading.ts';
import { conv1d } from '../../../src/index.ts';

/** The configuration of a convolution as `BaseConv.get_config` of Keras 3.15 gives it, with these changes. */
const convolution = (changes: object = {}) => ({
  module: 'keras.layers',
  class_name: 'Conv1D',
  config: {
    name: 'windows',
    trainable: true,
    dtype: 'float32',
    filters: 4,
    kernel_size: [3],
    strides: [2],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1],
    groups: 1,
    activation: 'relu',
    use_bias: false,
    kernel_initializer: { module: 'keras.initializers', class_name: 'HeNormal', config: { seed: null } },
    bias_initializer: { module: 'keras.initializers', class_name: 'Zeros', config: {} },
    kernel_regularizer: null,
    bias_regularizer: null,
    activity_regularizer: null,
    kernel_constraint: null,
    bias_constraint: null,
    ...changes,
  },
});

const read = (layer: object) => {
  const input = { module: 'keras.layers', class_name: 'InputLayer', config: { batch_shape: [null, 9, 2], name: 'in' } };
  const model = { module: 'keras', class_name: 'Sequential', config: { name: 'model', layers: [input, layer] } };
  return readModelConfig(new JsonValue('loadModel: a.keras', 'config', model), '3.15.1');
};

const options = {
  name: 'windows',
  filters: 4,
  kernelSize: 3,
  strides: 2,
  padding: 'same',
  activation: 'relu',
  useBias: false,
  kernelInitializer: 'heNormal',
};

test('a convolution of Keras 3 is read, and written again as Keras writes it', () => {
  const contents = read(convolution());
  expect(contents).toMatchObject({ inputShape: [9, 2], layers: [{ type: 'conv1d', options }] });
  expect(conv1d(options as never).options).toEqual(options);
  const { config } = JSON.parse(jsonText(writeModelConfig('saveModel', contents)));
  const [, written] = config.layers;
  expect(written.config).toMatchObject({ ...convolution().config, dtype: expect.anything(), kernel_initializer: {} });
  expect(Object.keys(written.config)).toEqual(expect.arrayContaining(Object.keys(convolution().config)));
  expect(read(written)).toEqual(contents);
  expect(read(convolution({ kernel_size: 3, strides: 2 }))).toEqual(contents);
});

test.each([
  ['groups', { groups: 2 }],
  ['data_format', { data_format: 'channels_first' }],
  ['padding', { padding: 'full' }],
  ['kernel_size', { kernel_size: [3, 3] }],
  ['strides', { strides: [0] }],
  ['activity_regularizer', { activity_regularizer: { class_name: 'L2', config: { l2: 0.1 } } }],
  ['lora_rank', { lora_rank: 2 }],
])('a convolution is refused whose %s has no counterpart here', (name, changes) => {
  expect(() => read(convolution(changes))).toThrow(name);
});

test.each([
  [{ padding: 'valid', strides: 2 }, 4],
  [{ dilationRate: 3 }, 3],
  [{ padding: 'same', strides: 2 }, 5],
  [{ padding: 'causal', strides: 4 }, 3],
] as const)('the shape of its output is that of the layer: %j', (more, steps) => {
  const given = { filters: 4, kernelSize: 3, ...more };
  expect(outputShape({ type: 'conv1d', options: given }, [9, 2])).toEqual([steps, 4]);
  expect(conv1d(given).build('windows', [9, 2]).outputShape).toEqual([steps, 4]);
});
