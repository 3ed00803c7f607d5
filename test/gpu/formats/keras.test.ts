import { expect, onTestFinished, test } from 'vitest';
import { contentsOfModel } from '../../../src/formats/contents-of-model.ts';
import { loadModel, loadWeights, saveModel } from '../../../src/formats/index.ts';
import {
  adam,
  bidirectional,
  dense,
  dropout,
  lastStep,
  lstm,
  rmsprop,
  sequential,
  sgd,
  type Model,
  type Optimizer,
} from '../../../src/index.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import recorded from '../../golden/files/keras_fixtures.json';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { array, makeSamples } from '../models/builders/make-model.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 6 steps' };

const urls = import.meta.glob<string>('../../golden/files/keras3_*', { query: '?url', import: 'default', eager: true });

const fetchFile = async (name: string) =>
  new Uint8Array(await (await fetch(urls[`../../golden/files/${name}`])).arrayBuffer());

async function loaded(name: string): Promise<Model> {
  const model = await loadModel(gpu, { [name]: await fetchFile(name) });
  onTestFinished(() => model.dispose());
  return model;
}

const stateful = recorded.files['keras3_post_model.{keras,h5,weights.h5}'].predict_on_batch_sequence;
const deep = recorded.files['keras3_deep.{keras,h5}'];

async function expectStateful(model: Model) {
  const outputs = [];
  for (const x of stateful.x.data) outputs.push((await model.predictOnBatch([x])).data[0]);
  expectRecorded(outputs, stateful.p, { ...close, what: 'outputs of a stateful model' });
}

test.each(['keras', 'h5'])('the recorded models give the recorded outputs from .%s', async (ending) => {
  await expectStateful(await loaded(`keras3_post_model.${ending}`));
  const model = await loaded(`keras3_deep.${ending}`);
  const { data } = await model.predict(array(deep.x.data, deep.x.shape));
  expectRecorded(data, deep.predict.data, { ...close, what: 'outputs of a deep model' });
});

test('weights alone make another model give the recorded outputs', async () => {
  const model = await sequential(gpu, {
    inputShape: [1, 1],
    batchSize: 1,
    layers: [lstm({ units: 10, stateful: true }), dense({ units: 1, activation: 'sigmoid' })],
  });
  onTestFinished(() => model.dispose());
  await loadWeights(model, { 'a.weights.h5': await fetchFile('keras3_post_model.weights.h5') });
  await expectStateful(model);
});

const OPTIMIZERS: readonly Optimizer[] = [
  adam({ learningRate: 0.0123, amsgrad: true }),
  rmsprop({ momentum: 0.5, gradientAccumulationSteps: 2 }),
  sgd({ learningRate: 0.1 }),
];

test.each(OPTIMIZERS)('a model saved as .keras with $name goes on with the same bits', async (optimizer) => {
  const seed = randomSeed();
  const inputShape = [4, 2] as const;
  const { x, y } = makeSamples(rng(seed), { inputShape }, 6);
  const layers = [
    bidirectional(lstm({ units: 3, returnSequences: true }), { mergeMode: 'sum' }),
    lstm({ units: 4, returnSequences: true, stateful: true, dropout: 0.3 }),
    lastStep(),
    dropout({ rate: 0.3 }),
    dense({ units: 1, activation: 'sigmoid' }),
  ];
  const model = await sequential(gpu, { inputShape, batchSize: 2, layers, seed });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  await model.fit(x, y, { epochs: 2, batchSize: 2, shuffle: false });
  const again = await loadModel(gpu, await saveModel(model, { states: true }));
  onTestFinished(() => again.dispose());
  const options = { epochs: 2, batchSize: 2, shuffle: false };
  expect((await again.fit(x, y, options)).history).toEqual((await model.fit(x, y, options)).history);
  const [after, expected] = await Promise.all(
    [again, model].map((each) => contentsOfModel('test', each, { states: true })),
  );
  expect(after.weights).toEqual(expected.weights);
  expect(after.states).toEqual(expected.states);
  expect(after.randomState).toEqual(expected.randomState);
});
