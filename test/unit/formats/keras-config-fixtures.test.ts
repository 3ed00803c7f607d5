import { expect, test } from 'vitest';
import type { ModelContents } from '../../../src/formats/contents.ts';
import { jsonText } from '../../../src/formats/keras/config/json-text.ts';
import { legacyModelConfig, legacyTrainingConfig } from '../../../src/formats/keras/config/legacy-form.ts';
import { readCompileConfig } from '../../../src/formats/keras/config/read-compile-config.ts';
import { readModelConfig } from '../../../src/formats/keras/config/read-model-config.ts';
import { writeCompileConfig } from '../../../src/formats/keras/config/write-compile-config.ts';
import { writeModelConfig } from '../../../src/formats/keras/config/write-model-config.ts';
import { JsonValue } from '../../../src/formats/reading.ts';
import { jsonInFile } from '../../golden/json-in-file.ts';
import { errorOf } from '../../harness/error-of.ts';

const KERAS = '{"module": "keras';
const VERSION = '3.15.1';

function contentsOf(model: JsonValue): ModelContents {
  return { ...readModelConfig(model, VERSION), compile: readCompileConfig(model.get('compile_config'), VERSION) };
}

/** A configuration without what a model here does not have: its own name, that of its input, and the identity of objects. */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, field: unknown) => {
    if (key === 'shared_object_id') return undefined;
    if (typeof field !== 'object' || field === null) return field;
    if ('batch_shape' in field || 'layers' in field) return { ...field, name: '' };
    return field;
  });
}

/** What this library writes, as a program that reads the text would see it. */
const asRead = (config: object): unknown => comparable(JSON.parse(jsonText(config)));

test('a stateful model is read with its batch size and what it was compiled with', () => {
  expect(contentsOf(jsonInFile('keras3_post_model.keras', KERAS))).toEqual({
    inputShape: [1, 1],
    batchSize: 1,
    layers: [
      { type: 'lstm', options: { name: 'lstm', units: 10, stateful: true } },
      { type: 'dense', options: { name: 'head', units: 1, activation: 'sigmoid' } },
    ],
    compile: {
      optimizer: { name: 'adam', options: { learningRate: 0.0010000000474974513 } },
      loss: { name: 'binaryCrossentropy', options: {} },
      metrics: ['accuracy'],
      weightedMetrics: [],
    },
  });
});

test('a deep model is read', () => {
  expect(contentsOf(jsonInFile('keras3_deep.keras', KERAS))).toEqual({
    inputShape: [6, 3],
    batchSize: undefined,
    layers: [
      { type: 'masking', options: { name: 'masking' } },
      { type: 'lstm', options: { name: 'a', units: 4, returnSequences: true, dropout: 0.2, recurrentDropout: 0.1 } },
      {
        type: 'bidirectional',
        options: { name: 'b', layer: { type: 'lstm', options: { units: 3, returnSequences: true } } },
      },
      { type: 'lstm', options: { name: 'c', units: 5, goBackwards: true } },
      { type: 'dense', options: { name: 'dense', units: 2, activation: 'softmax' } },
    ],
    compile: undefined,
  });
});

test.each(['keras3_post_model', 'keras3_deep'])('what %s.keras holds is written again as it was', (name) => {
  const model = jsonInFile(`${name}.keras`, KERAS);
  const contents = contentsOf(model);
  const compile_config = writeCompileConfig('saveModel', contents);
  expect(asRead({ ...writeModelConfig('saveModel', contents), compile_config })).toEqual(comparable(model.value));
});

test.each(['keras3_post_model', 'keras3_deep'])(
  'what %s.h5 holds is read as from .keras, and written again',
  (name) => {
    const model = jsonInFile(`${name}.h5`, '{"class_name": "Sequential"');
    const read = readModelConfig(model, VERSION);
    expect(read).toEqual(readModelConfig(jsonInFile(`${name}.keras`, KERAS), VERSION));
    expect(asRead(legacyModelConfig(writeModelConfig('saveModel', read)))).toEqual(comparable(model.value));
  },
);

test('what a model in .h5 was compiled with is read and written again', () => {
  const training = jsonInFile('keras3_post_model.h5', '{"loss"');
  const compile = readCompileConfig(training, VERSION);
  const contents = { ...readModelConfig(jsonInFile('keras3_post_model.keras', KERAS), VERSION), compile };
  expect(contents).toEqual(contentsOf(jsonInFile('keras3_post_model.keras', KERAS)));
  expect(asRead(legacyTrainingConfig(writeCompileConfig('saveModel', contents)))).toEqual(comparable(training.value));
});

test('metrics with names and thresholds of their own come back from both forms', () => {
  const contents = contentsOf(jsonInFile('keras3_post_model.keras', KERAS));
  const metrics = [
    'accuracy' as const,
    { metric: 'binaryAccuracy' as const, threshold: 0.7 },
    { metric: 'binaryAccuracy' as const, threshold: 0.7, name: 'sure' },
    { metric: 'meanAbsoluteError' as const, name: 'Fehler µ' },
  ];
  const compile = { ...contents.compile!, metrics, weightedMetrics: metrics };
  const config = writeCompileConfig('saveModel', { ...contents, compile });
  for (const form of [config, legacyTrainingConfig(config)]) {
    const field = new JsonValue('loadModel', '', JSON.parse(jsonText(form)));
    expect(readCompileConfig(field, VERSION)).toEqual(compile);
  }
});

test('floats are written with a point, since Keras refuses whole numbers for some', () => {
  const text = jsonText(writeModelConfig('saveModel', contentsOf(jsonInFile('keras3_post_model.keras', KERAS))));
  expect(text).toContain('"dropout": 0.0,');
  expect(text).toContain('"units": 10,');
});

test('a Functional model with several outputs is refused with the place', () => {
  const error = errorOf(() => readModelConfig(jsonInFile('keras3_func.keras', KERAS), VERSION));
  expect(error.message).toBe(
    'loadModel: keras3_func.keras: config.output_layers is [["dec",0,0],["gru",0,0],["stack",0,0]], expected one output. Only a ' +
      'plain chain of layers can be read: one input, one output, each layer on the output of the one before.',
  );
});

/** A Functional model, whose layers are given by their names and those before them. */
function functional(...layers: readonly (readonly [name: string, before?: string])[]): JsonValue {
  const tensor = (keras_history: unknown) => ({ class_name: '__keras_tensor__', config: { keras_history } });
  const config = {
    input_layers: [layers[0][0], 0, 0],
    output_layers: [layers.at(-1)![0], 0, 0],
    layers: layers.map(([name, before]) => ({
      name,
      class_name: before === undefined ? 'InputLayer' : 'Dense',
      config: before === undefined ? { name, batch_shape: [null, 3] } : { name, units: 2 },
      inbound_nodes: before === undefined ? [] : [{ args: [tensor([before, 0, 0])], kwargs: {} }],
    })),
  };
  return new JsonValue('loadModel: m.keras', '', { class_name: 'Functional', config });
}

test('a Functional model that is a chain is read in its order; one with a circle or a name twice is refused', () => {
  const names = (model: JsonValue) => readModelConfig(model, VERSION).layers.map(({ options }) => options.name);
  expect(names(functional(['in'], ['b', 'a'], ['a', 'in'], ['c', 'b']))).toEqual(['a', 'b', 'c']);
  expect(errorOf(() => names(functional(['in'], ['a', 'b'], ['b', 'a']))).message).toContain('without a circle');
  expect(errorOf(() => names(functional(['in'], ['a', 'in'], ['a', 'in'], ['b', 'a']))).message).toContain(
    'config.layers[2]',
  );
});

test('an option in two spellings, and an optimizer of TensorFlow.js without its epsilon, are refused', () => {
  const model = functional(['in'], ['a', 'in']);
  const { layers } = (model.value as { config: { layers: { config: object }[] } }).config;
  layers[1].config = { ...layers[1].config, use_bias: false, useBias: true };
  expect(errorOf(() => readModelConfig(model, VERSION)).message).toContain('since there is use_bias too');
  const adam = (config: object) =>
    new JsonValue('a', '', { optimizer_config: { class_name: 'Adam', config }, loss: 'mse', metrics: [] });
  const given = { learningRate: 0.1, beta1: 0.8, beta2: 0.9 };
  expect(readCompileConfig(adam({ ...given, epsilon: 1e-4 }), 'tfjs-layers 4.22.0')!.optimizer.options).toEqual({
    ...given,
    epsilon: 1e-4,
  });
  expect(errorOf(() => readCompileConfig(adam(given), 'tfjs-layers 4.22.0')).message).toContain('epsilon is missing');
});

test('a model.json of TensorFlow.js is read and written in its words', () => {
  const topology = jsonInFile('tfjs_float32.model.json', '{').get('modelTopology');
  const contents = readModelConfig(topology.get('model_config'), topology.get('keras_version').text());
  expect(contents).toEqual({
    inputShape: [1, 1],
    batchSize: 1,
    layers: [
      { type: 'lstm', options: { name: 'lstm', units: 10, stateful: true } },
      { type: 'dense', options: { name: 'head', units: 1, activation: 'sigmoid' } },
    ],
  });
  const written = asRead(writeModelConfig('saveModel', contents, 'tfjs'));
  expect(written).toMatchObject({
    class_name: 'Sequential',
    config: { layers: [{ class_name: 'LSTM' }, { class_name: 'Dense' }] },
  });
  expect(JSON.stringify(written)).not.toMatch(/registered_name|build_config|DTypePolicy/);
  const again = readModelConfig(new JsonValue('loadModel', '', written), '2.11.0');
  expect(again).toEqual(contents);
});
