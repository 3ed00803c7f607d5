import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { buildModel } from '../../../src/formats/build-model.ts';
import type { Files, ModelContents } from '../../../src/formats/contents.ts';
import { namesBesideTfjs, readTfjs } from '../../../src/formats/tfjs/read-layers-model.ts';
import { writeTfjs } from '../../../src/formats/tfjs/write-layers-model.ts';
import type { Model } from '../../../src/index.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import saved from '../../golden/tfjs_saved.json';
import { randomSeed, rng } from '../../harness/random.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import { gpu } from '../gpu.ts';
import { array } from '../models/builders/make-model.ts';
import { drawTfjsCase } from '../models/other-libraries/tfjs-drawn.ts';
import { tfjsModel, tfjsPredict } from '../models/other-libraries/tfjs-model.ts';

const close = { atol: 5e-6, rtol: 1e-5, reason: 'two float32 implementations, which were 1.1e-6 apart in 300 models' };

const urls = import.meta.glob<string>('../../golden/files/tfjs_*', { query: '?url', import: 'default', eager: true });
const fixture = async (name: string) =>
  new Uint8Array(await (await fetch(urls[`../../golden/files/${name}`])).arrayBuffer());

async function folder(name: string): Promise<[Uint8Array<ArrayBuffer>, Files]> {
  const json = await fixture(`${name}.model.json`);
  const files = namesBesideTfjs('test', json).map(async (each) => [each, await fixture(each)] as const);
  return [json, new Map(await Promise.all(files))];
}

async function built(contents: ModelContents): Promise<Model> {
  const model = await buildModel(gpu, contents);
  onTestFinished(() => model.dispose());
  return model;
}

/** Lets TensorFlow.js load files as it loads those of an address. */
async function tfjsLoaded(json: Uint8Array, files: Files) {
  const model = await loadLayersModel({
    load: async () =>
      tf.io.getModelArtifactsForJSON(JSON.parse(new TextDecoder().decode(json)), async (manifest) => {
        const shards = manifest.flatMap(({ paths }) => paths.map((path) => files.get(path)!));
        return [manifest.flatMap(({ weights }) => weights), await new Blob(shards).arrayBuffer()];
      }),
  });
  onTestFinished(() => void model.dispose());
  return model;
}

test('TensorFlow.js loads random models that were written, and predicts the same', async () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 12; n++) {
    const { model: drawn, numbers } = drawTfjsCase(random);
    onTestFailed(() => console.error(JSON.stringify(drawn)));
    const contents = contentsOf(drawn, numbers.weights, drawn.steps);
    const layers = contents.layers.map(({ type, options }, k) => ({
      type,
      options: { ...options, name: `layer_${k}` },
    }));
    const [[, json], ...shards] = await writeTfjs('saveModel', { ...contents, layers }, 'model.json');
    const peer = await tfjsLoaded(json, new Map(shards));
    const model = await built({ ...contents, layers });
    const { data } = await model.predict(array(numbers.x, numbers.shape));
    expectRecorded(tfjsPredict(peer, numbers.x, numbers.shape), data, { ...close, what: 'outputs of a written model' });
  }
});

test('a model that TensorFlow.js saved predicts what it did there', async () => {
  const model = await built(await readTfjs('test', ...(await folder('tfjs_saved'))));
  const { data } = await model.predict(array(saved.x.data, saved.x.shape));
  expectRecorded(data, saved.y.data, { ...close, what: 'outputs of a saved model' });
});

test.each(['tfjs_float32', 'tfjs_float16', 'tfjs_uint16', 'tfjs_uint8'])(
  '%s goes on from call to call as in TensorFlow.js',
  async (name) => {
    const [json, files] = await folder(name);
    const [model, peer] = [await built(await readTfjs('test', json, files)), await tfjsLoaded(json, files)];
    for (const x of [1, 0, -0.5, 0.25, 0, 0]) {
      const { data } = await model.predictOnBatch(array([x], [1, 1, 1]));
      expectRecorded(data, tfjsPredict(peer, [x], [1, 1, 1]), { ...close, what: 'outputs of a stateful model' });
    }
  },
);

const drawn = [
  {
    kind: 'lstm' as const,
    options: {
      units: 3,
      activation: 'tanh' as const,
      recurrentActivation: 'sigmoid' as const,
      useBias: true,
      returnSequences: false,
      goBackwards: false,
      zeroOutputForMask: false,
    },
  },
  { kind: 'dense' as const, options: { units: 1, activation: 'linear' as const, useBias: true } },
];

test.each<[string, () => tf.Optimizer]>([
  ['sgd', () => tf.train.sgd(0.1)],
  ['momentum', () => tf.train.momentum(0.1, 0.8)],
  ['nesterov', () => tf.train.momentum(0.1, 0.8, true)],
  ['rmsprop', () => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-3)],
  ['adam', () => tf.train.adam(0.01)],
])('a training with %s that TensorFlow.js saved goes on as it does there', async (_name, optimizer) => {
  const random = rng(randomSeed());
  const shape = [4, 5, 2];
  const weights = [24, 36, 12, 3, 1].map((count) => random.array(count, 0.5));
  const [x, y] = [random.array(40, 1), random.array(4, 1)];
  const peer = tfjsModel(drawn, shape, weights);
  peer.compile({ optimizer: optimizer(), loss: 'meanSquaredError' });
  const step = async () => (await peer.trainOnBatch(tf.tensor(x, [4, 5, 2]), tf.tensor(y, [4, 1]))) as number;
  for (let n = 0; n < 3; n++) await step();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const keep = tf.io.withSaveHandler(async ({ weightSpecs, weightData, ...rest }) => {
    files.set('weights.bin', new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
    const json = { ...rest, weightsManifest: [{ paths: ['./weights.bin'], weights: weightSpecs }] };
    files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await peer.save(keep, { includeOptimizer: true });
  const contents = await readTfjs('test', files.get('model.json')!, files);
  const model = await built(contents);
  for (let n = 0; n < 4; n++) {
    const { loss } = await model.trainOnBatch(array(x, shape), array(y, [4, 1]));
    // The epsilon of Adam has another place.
    expectRecorded([loss], [await step()], { ...close, atol: 2e-5, what: 'losses of a training that goes on' });
  }
  expect((await model.getOptimizerState()).iterations).toBe(7);
});
