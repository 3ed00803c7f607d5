import { expect, test } from 'vitest';
import { fillPattern } from '../../../src/formats/callbacks/file-path.ts';
import { memoryStorage, modelCheckpoint, saveModel, type ModelCheckpointOptions } from '../../../src/formats/index.ts';
import type { Logs, ModelInTraining } from '../../../src/index.ts';

test.each([
  ['{epoch:02d}-{val_loss:.2f}.keras', '03-0.13.keras'],
  ['{epoch}-{valLoss}.keras', '3-0.1257.keras'],
  ['{epoch:4d}/{valLoss:08.3f}.keras', '   3/0000.126.keras'],
  ['{valLoss:f}.keras', '0.125700.keras'],
  ['best.keras', 'best.keras'],
])('the path %s is filled as Python does', (pattern, expected) => {
  expect(fillPattern('test', pattern, { epoch: 3, valLoss: 0.1257 })).toBe(expected);
});

test('a field that is not known, or not a whole number where that is asked for, is refused', () => {
  expect(() => fillPattern('test', '{batch}.keras', { epoch: 1 })).toThrow('has {batch}, expected one of "epoch"');
  expect(() => fillPattern('test', '{loss:02d}.keras', { loss: 0.5 })).toThrow('has {loss:02d}, but that is 0.5');
});

const DENSE = {
  type: 'dense',
  name: 'dense',
  outputShape: [1],
  parameterCount: 1,
  options: { units: 1, useBias: false },
};

/** A model in training whose only weight is what is given. */
function modelWith(weight: number): ModelInTraining {
  const data = new Float32Array([weight]);
  return {
    stopTraining: false,
    toJSON: () => ({
      inputShape: [1],
      layers: [DENSE],
    }),
    getWeights: async () => [{ name: 'kernel', shape: [1, 1], data }],
    getRandomState: async () => ({}),
  } as unknown as ModelInTraining;
}

test('what no file can hold, and what is no model, is refused when training begins', async () => {
  const callback = modelCheckpoint('a.keras', { storage: () => memoryStorage() });
  callback.setModel({
    ...modelWith(1),
    toJSON: () => ({ inputShape: [1], layers: [{ ...DENSE, name: 'a/b' }], parameterCount: 1 }),
  });
  await expect(callback.onTrainBegin()).rejects.toThrow('modelCheckpoint: layer "a/b" (dense): Keras allows no "/"');
  callback.setModel(modelWith(1));
  await callback.onTrainBegin();
  await expect(saveModel(Promise.resolve() as never)).rejects.toThrow(
    'model is a Promise, which must be awaited, expected one',
  );
  // The classes of a minified program may have no names.
  await expect(saveModel(new (class {})() as never)).rejects.toThrow('model is an object, expected one');
  await expect(saveModel(undefined as never)).rejects.toThrow('saveModel: model is undefined, expected one');
});

test.each(['.', '..', 'a\0b', 'a\ud800'])(
  'a layer named %j is refused as a whole model, since HDF5 has no such name',
  async (name) => {
    const model = {
      ...modelWith(1),
      toJSON: () => ({ inputShape: [1], layers: [{ ...DENSE, name }], parameterCount: 1 }),
    };
    await expect(saveModel(model)).rejects.toThrow('(dense): HDF5 has no such name. Give the layer another name.');
  },
);

/** Runs epochs of three batches with their logs. @returns the paths that were written */
async function written(path: string, options: ModelCheckpointOptions, epochs: Logs[], weight = 1): Promise<string[]> {
  const paths: string[] = [];
  const storage = (own: string) => ({
    write: async (file: File) => void paths.push(own.endsWith(file.name) ? own : `${own} as ${file.name}`),
  });
  const callback = modelCheckpoint(path, { storage, ...options });
  callback.setModel(modelWith(weight));
  for (const [epoch, logs] of epochs.entries()) {
    callback.onEpochBegin(epoch);
    for (let batch = 0; batch < 3; batch++) await callback.onBatchEnd(batch, logs);
    await callback.onEpochEnd(epoch, logs);
  }
  return paths;
}

const losses = [0.5, 0.7, 0.4, 0.4].map((valLoss) => ({ loss: 1, valLoss, accuracy: 1 - valLoss }));

test.each<[string, string, ModelCheckpointOptions, string[]]>([
  ['each epoch', 'a/{epoch:02d}.keras', {}, ['a/01.keras', 'a/02.keras', 'a/03.keras', 'a/04.keras']],
  ['the best alone', '{epoch}.keras', { saveBestOnly: true }, ['1.keras', '3.keras']],
  ['the largest', '{epoch}.keras', { saveBestOnly: true, mode: 'max' }, ['1.keras', '2.keras']],
  ['an accuracy', '{epoch}.keras', { saveBestOnly: true, monitor: 'accuracy' }, ['1.keras', '3.keras']],
  ['better than a threshold', '{epoch}.keras', { saveBestOnly: true, initialValueThreshold: 0.45 }, ['3.keras']],
  ['after batches, across epochs', '{epoch}-{batch}.keras', { saveFreq: 4 }, ['2-1.keras', '3-2.keras', '4-3.keras']],
])('it saves %s', async (_what, path, options, expected) => {
  expect(await written(path, options, losses)).toEqual(expected);
});

test('a model that has diverged is not saved', async () => {
  expect(await written('{epoch}.keras', {}, losses, NaN)).toEqual([]);
});
