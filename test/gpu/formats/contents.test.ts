import { expect, onTestFinished, test } from 'vitest';
import { buildModel } from '../../../src/formats/build-model.ts';
import { contentsOfModel } from '../../../src/formats/contents-of-model.ts';
import {
  activation,
  adamw,
  bidirectional,
  binaryCrossentropy,
  dense,
  dropout,
  exponentialDecay,
  l2,
  lstm,
  maxNorm,
  sequential,
} from '../../../src/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { makeSamples } from '../models/builders/make-model.ts';

const inputShape = [4, 2] as const;

test('a model that is made of the contents of another, as plain data, goes on with the same bits', async () => {
  const seed = randomSeed();
  const { x, y } = makeSamples(rng(seed), { inputShape }, 8);
  const layers = [
    bidirectional(lstm({ units: 3, returnSequences: true, kernelRegularizer: l2(0.01) }), { mergeMode: 'sum' }),
    dropout({ rate: 0.3, name: 'forgets' }),
    lstm({ units: 4, stateful: true, recurrentConstraint: maxNorm(1.5) }),
    dense({ units: 1 }),
    activation('sigmoid', { name: 'squash' }),
  ];
  const model = await sequential(gpu, { inputShape, batchSize: 4, layers, seed });
  onTestFinished(() => model.dispose());
  const learningRate = exponentialDecay({ initialLearningRate: 0.02, decaySteps: 3, decayRate: 0.7 });
  model.compile({
    optimizer: adamw({ learningRate, weightDecay: 0.01, clipnorm: 1 }),
    loss: binaryCrossentropy({ labelSmoothing: 0.1 }),
    metrics: ['accuracy', { metric: 'binaryAccuracy', threshold: 0.6, name: 'sure' }],
  });
  await model.fit(x, y, { epochs: 2 });

  const contents = structuredClone(await contentsOfModel('test', model, { states: true }));
  // Options that are left undefined leave what the file says.
  const again = await buildModel(gpu, contents, { batchSize: undefined });
  onTestFinished(() => again.dispose());
  expect(await contentsOfModel('test', again, { states: true })).toEqual(contents);
  expect(again.layers).toEqual(
    model.layers.map((layer) => ({ ...layer, options: { ...layer.options, name: layer.name } })),
  );
  const [goesOn, resumes] = [await model.fit(x, y), await again.fit(x, y)];
  expect(resumes).toEqual(goesOn);
  expect(await contentsOfModel('test', again, { states: true })).toEqual(
    await contentsOfModel('test', model, { states: true }),
  );
});

test('a model that cannot be made of its contents leaves nothing behind, and a schedule of one’s own is refused', async () => {
  const layers = [lstm({ units: 2 }), dense({ units: 1 })];
  const model = await sequential(gpu, { inputShape, layers });
  onTestFinished(() => model.dispose());
  const contents = await contentsOfModel('saveModel', model);
  const named = (type: string) => ({ ...contents, layers: [{ type, options: {} }] });
  await expect(buildModel(gpu, named('gravity'))).rejects.toThrow('there is no layer "gravity", expected one of lstm,');
  await expect(buildModel(gpu, { ...contents, weights: contents.weights!.slice(1) })).rejects.toThrow('got 4 weights');
  model.compile({ optimizer: adamw({ learningRate: () => 0.1 }), loss: 'mse' });
  await expect(contentsOfModel('saveModel', model)).rejects.toThrow(
    'saveModel: the learning rate is a function of your own, which no file can hold',
  );
});
