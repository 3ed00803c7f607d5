import { expect, test } from 'vitest';
import type { Files } from '../../../src/formats/contents.ts';
import { namesBesideTfjs, readTfjs } from '../../../src/formats/tfjs/read-layers-model.ts';
import recorded from '../../golden/tfjs_fixtures.json';
import { fixtureFile } from './fixtures.ts';

const quantized = Object.entries(recorded.cases);

/** A recorded `model.json` and the files beside it. */
async function folder(name: string): Promise<[Uint8Array<ArrayBuffer>, Files]> {
  const json = await fixtureFile(`${name}.model.json`);
  const names = namesBesideTfjs('test', json);
  return [json, new Map(await Promise.all(names.map(async (each) => [each, await fixtureFile(each)] as const)))];
}

test.each(quantized)('%s is read to the recorded weights and to a stateful model', async (name, weights) => {
  const [json, files] = await folder(name);
  expect(files.size).toBe(2);
  const read = await readTfjs('loadModel', json, files);
  expect(read).toMatchObject({
    inputShape: [1, 1],
    batchSize: 1,
    layers: [
      { type: 'lstm', options: { name: 'lstm', units: 10, stateful: true } },
      { type: 'dense', options: { name: 'head', units: 1, activation: 'sigmoid' } },
    ],
    compile: undefined,
    optimizerState: undefined,
  });
  const float32 = (numbers: readonly number[]) => [...Float32Array.from(numbers)];
  expect(read.weights!.map((weight) => ({ ...weight, data: [...weight.data] }))).toEqual(
    Object.entries(weights).map(([key, { shape, data }]) => ({ name: key, shape, data: float32(data) })),
  );
});

test('a model that TensorFlow.js saved with its optimizer is read with all it remembers', async () => {
  const [json, files] = await folder('tfjs_saved');
  const { layers, weights, compile, optimizerState, batchSize } = await readTfjs('loadModel', json, files);
  expect(batchSize).toBe(2);
  expect(layers.map(({ type }) => type)).toEqual([
    'bidirectional',
    'gru',
    'simpleRnn',
    'activation',
    'repeatVector',
    'dropout',
    'dense',
  ]);
  expect(layers[0].options).toMatchObject({
    name: 'bidirectional_Bidirectional1',
    mergeMode: 'sum',
    layer: { type: 'lstm', options: { units: 2, recurrentActivation: 'hardSigmoidLegacy', returnSequences: true } },
  });
  expect(layers[1].options).toMatchObject({ stateful: true, resetAfter: false });
  expect(layers[6].options).toMatchObject({
    kernelRegularizer: { l1: 0.01, l2: 0.01 },
    kernelConstraint: { largest: 2 },
  });
  expect(compile).toEqual({
    optimizer: { name: 'adam', options: { learningRate: 0.01 } },
    loss: { name: 'meanSquaredError', options: {} },
    metrics: ['accuracy', 'mae'],
    weightedMetrics: [],
  });
  expect(optimizerState).toMatchObject({ iterations: 3, learningRate: 0.01 });

  // The files hold the weights, the number of updates, all first moments and all second ones.
  const numbers = new Float32Array(files.get('tfjs_saved.weights.bin')!.buffer);
  const flat = (arrays: readonly { data: Float32Array }[]) => arrays.flatMap(({ data }) => [...data]);
  const count = flat(weights!).length;
  expect(numbers).toHaveLength(3 * count + 1);
  expect(flat(weights!)).toEqual([...numbers.subarray(0, count)]);
  expect(flat(optimizerState!.moments.momentum)).toEqual([...numbers.subarray(count + 1, 2 * count + 1)]);
  expect(flat(optimizerState!.moments.velocity)).toEqual([...numbers.subarray(2 * count + 1)]);
  expect(optimizerState!.moments.velocity.map(({ shape }) => shape)).toEqual(weights!.map(({ shape }) => shape));
});
