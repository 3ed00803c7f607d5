import { expect, test } from 'vitest';
import type { ArrayContents, LayerContents, ModelContents } from '../../../src/formats/contents.ts';
import { namesBesideTfjs, readTfjs } from '../../../src/formats/tfjs/read-layers-model.ts';
import { writeTfjs } from '../../../src/formats/tfjs/write-layers-model.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { drawTfjsModel } from '../../gpu/models/other-libraries/tfjs-drawn.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import { drawNumbers } from '../../reference/drawn-numbers.ts';
import { weightsOf } from './weights-of.ts';

async function writtenAndRead(contents: ModelContents): Promise<ModelContents> {
  const files = await writeTfjs('saveModel', contents, 'net.json');
  const json = files.get('net.json')!;
  const beside = [...files].filter(([name]) => name !== 'net.json');
  expect(namesBesideTfjs('test', json)).toEqual(beside.map(([name]) => name));
  return readTfjs('loadModel', json, new Map(beside));
}

/** The options that layers here are given as they are left out, under the names that have the same default in all layers. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  useBias: true,
  unitForgetBias: true,
  mergeMode: 'concat',
  maskValue: 0,
  recurrentActivation: 'sigmoid',
  strides: 1,
  dilationRate: 1,
  padding: 'valid',
  returnSequences: false,
  goBackwards: false,
  zeroOutputForMask: false,
  maskZero: false,
};

/** A layer without the options that have their defaults, which a file does not tell from those that were left out. */
function told({ type, options }: LayerContents): LayerContents {
  const defaults = { ...DEFAULTS, activation: type === 'dense' || type === 'conv1d' ? 'linear' : 'tanh' };
  const isTold = ([name, value]: [string, unknown]) => value !== defaults[name as keyof typeof defaults];
  const inner = options.layer ? { layer: told(options.layer as LayerContents) } : {};
  return { type, options: { ...Object.fromEntries(Object.entries(options).filter(isTold)), ...inner } };
}

function drawContents(random: ReturnType<typeof rng>): ModelContents {
  const model = drawTfjsModel(random);
  const drawn = contentsOf(model, drawNumbers(random, model).weights, random.integer(0, 1) === 0 ? null : model.steps);
  // Names in TensorFlow.js have no spaces.
  const layers = drawn.layers.map(({ type, options }, n) => ({ type, options: { ...options, name: `layer_${n}` } }));
  return { ...drawn, layers };
}

test('random models are read as they were written', async () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 200; n++) {
    const contents = drawContents(random);
    const read = await writtenAndRead(contents);
    expect(read.layers.map(told)).toEqual(contents.layers.map(told));
    expect(read.inputShape).toEqual(contents.inputShape);
    expect(weightsOf(read)).toEqual(weightsOf(contents));
  }
});

const zeros = (...shape: number[]): ArrayContents => ({
  name: 'w',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

test('a stateful model keeps its number of rows, and large weights are cut into files of 4 MiB', async () => {
  const units = 2 ** 10;
  const weights = [zeros(2, 4 * units), zeros(units, 4 * units), zeros(4 * units)];
  weights[1].data.fill(3, 2 ** 20 - 5, 2 ** 20 + 5);
  const layers = [{ type: 'lstm', options: { units, name: 'memory', stateful: true } }];
  const contents: ModelContents = { inputShape: [null, 2], batchSize: 5, layers, weights };
  const files = await writeTfjs('saveModel', contents, 'net.json');
  expect([...files.keys()].slice(1)).toEqual([1, 2, 3, 4, 5].map((n) => `net.group1-shard${n}of5.bin`));
  expect([...files.values()].slice(1, 5).map(({ length }) => length)).toEqual([1, 1, 1, 1].map((n) => n * 2 ** 22));
  const read = await writtenAndRead(contents);
  expect(read).toMatchObject({ batchSize: 5, layers: [{ options: { stateful: true } }] });
  expect(read.weights!.map(({ data }, n) => data.every((value, k) => value === weights[n].data[k]))).toEqual([
    true,
    true,
    true,
  ]);
});

test.each<[string, LayerContents]>([
  ['resetAfter is true, but TensorFlow.js has no such option', { type: 'gru', options: { units: 1, name: 'memory' } }],
  [
    '"memory cell" would have the weight "memory cell/kernel"',
    { type: 'lstm', options: { units: 1, name: 'memory cell' } },
  ],
])('a layer is not written if %s', async (problem, layer) => {
  const contents = { inputShape: [1, 1], layers: [layer], weights: [zeros(1, 4), zeros(1, 4), zeros(4)] };
  await expect(writeTfjs('saveModel', contents, 'a')).rejects.toThrow(problem);
  await expect(writeTfjs('saveModel', { ...contents, weights: undefined }, 'a')).rejects.toThrow(/saveModel: /);
});
