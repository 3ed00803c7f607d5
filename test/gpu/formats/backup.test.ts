import { expect, onTestFinished, test } from 'vitest';
import { backupAndRestore, loadModel, memoryStorage, saveModel } from '../../../src/formats/index.ts';
import {
  adam,
  dense,
  DeviceLostError,
  dropout,
  exponentialDecay,
  gru,
  lstm,
  requestGpu,
  rmsprop,
  sequential,
  type Callback,
  type CompileOptions,
  type FitOptions,
  type Gpu,
  type Model,
  type SequentialOptions,
} from '../../../src/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { batchesOf } from '../models/builders/batches.ts';
import { makeSamples } from '../models/builders/make-model.ts';

const SAMPLES = 12;
const BATCH = 4;
const inputShape = [5, 2] as const;
const head = dense({ units: 1, activation: 'sigmoid' });

interface Case extends Pick<SequentialOptions, 'layers' | 'batchSize'>, Pick<FitOptions, 'shuffle' | 'resetStates'> {
  optimizer: CompileOptions['optimizer'];
}

const cases: Record<string, Case> = {
  'dropout, and samples in a new order each epoch': {
    layers: [lstm({ units: 4, dropout: 0.3, recurrentDropout: 0.2 }), dropout({ rate: 0.4 }), head],
    optimizer: adam({ learningRate: 0.02 }),
  },
  'states that are carried on': {
    layers: [lstm({ units: 4, stateful: true }), head],
    batchSize: BATCH,
    optimizer: adam({ learningRate: exponentialDecay({ initialLearningRate: 0.02, decaySteps: 3, decayRate: 0.7 }) }),
    shuffle: 'force',
    resetStates: 2,
  },
};

async function makeModel(on: Gpu, { layers, batchSize, optimizer }: Case, seed: number): Promise<Model> {
  const model = await sequential(on, { inputShape, layers, batchSize, seed });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer, loss: 'binaryCrossentropy' });
  return model;
}

/** Bits of a model that tell whether two trainings went the same way. */
async function endOf(model: Model) {
  const [weights, optimizer, random] = await Promise.all([
    model.getWeights(),
    model.getOptimizerState(),
    model.getRandomState(),
  ]);
  return { weights, optimizer, random };
}

/** How often a training is saved, the update before which its device is lost, and the epochs that are left to the next one. */
const LOSSES = [
  { saveFreq: 'epoch', lostBefore: 4, epochs: [1, 2] },
  { saveFreq: 1, lostBefore: 5, epochs: [1, 2] },
  { saveFreq: 1, lostBefore: 7, epochs: [2] },
  { saveFreq: 2, lostBefore: 5, epochs: [1, 2] },
  { saveFreq: 3, lostBefore: 6, epochs: [2] },
] as const;

/** Gives callbacks that each wait at an update until as many trainings have come so far, whose device is then lost. */
function loseTogether({ device }: Gpu, trainings: number): (lostBefore: number) => Callback {
  let waiting = 0;
  return (lostBefore) => {
    let updates = 0;
    return {
      onBatchBegin: async () => {
        if (updates++ !== lostBefore) return;
        if (++waiting === trainings) device.destroy();
        await device.lost;
      },
    };
  };
}

// All trainings share the device that they lose, and so the kernels that are compiled for it.
test.each(Object.entries(cases))(
  'trainings with %s, which lose their device, go on on another with the same bits',
  async (_name, given) => {
    const seed = randomSeed();
    const { x, y } = makeSamples(rng(seed), { inputShape }, SAMPLES);
    const { shuffle, resetStates } = given;
    const options = { batchSize: BATCH, epochs: 3, shuffle, resetStates, validationData: [x, y] as const };
    const whole = await makeModel(gpu, given, seed);
    const { history } = await whole.fit(x, y, options);
    const end = await endOf(whole);

    const doomed = await requestGpu({ tuning: 'off' });
    const lose = loseTogether(doomed, LOSSES.length);
    const lost = LOSSES.map(async ({ saveFreq, lostBefore, epochs }) => {
      const storage = memoryStorage();
      const model = await makeModel(doomed, given, seed);
      const callbacks = [lose(lostBefore), backupAndRestore(storage, { saveFreq })];
      await expect(model.fit(x, y, { ...options, callbacks })).rejects.toThrow(DeviceLostError);
      return { storage, epochs, what: `saved every ${saveFreq}, lost before update ${lostBefore}` };
    });
    for (const { storage, epochs, what } of await Promise.all(lost)) {
      const resumed = await loadModel(gpu, (await storage.read())!);
      onTestFinished(() => resumed.dispose());
      const rest = await resumed.fit(x, y, { ...options, callbacks: [backupAndRestore(storage)] });
      expect({ what, epoch: rest.epoch }).toEqual({ what, epoch: epochs });
      expect({ what, valLoss: rest.history.valLoss }).toEqual({ what, valLoss: history.valLoss.slice(epochs[0]) });
      expect({ what, ...(await endOf(resumed)) }).toEqual({ what, ...end });
      expect({ what, left: await storage.read() }).toEqual({ what, left: undefined });
    }
  },
);

test('a backup at the very end of an epoch, before its validation, still lets that be heard whole', async () => {
  const seed = randomSeed();
  const { x, y } = makeSamples(rng(seed), { inputShape }, SAMPLES);
  const storage = memoryStorage();
  const model = await makeModel(gpu, cases['states that are carried on'], seed);
  const breakOff: Callback = {
    onTestBegin: () => {
      throw new Error('broken off');
    },
  };
  const options = { batchSize: BATCH, epochs: 1 };
  const fit = (callbacks: Callback[]) => model.fit(x, y, { ...options, validationData: [x, y], callbacks });
  await expect(fit([breakOff, backupAndRestore(storage, { saveFreq: 1 })])).rejects.toThrow('broken off');
  const { history } = await fit([backupAndRestore(storage, { saveFreq: 1 })]);
  expect(history.loss).toHaveLength(1);
  expect(history.valLoss).toHaveLength(1);
});

test('batches of an iterable go on within an epoch, with the same bits', async () => {
  const seed = randomSeed();
  const given = cases['dropout, and samples in a new order each epoch'];
  const samples = makeSamples(rng(seed), { inputShape }, SAMPLES);
  const batches = () => batchesOf(samples, BATCH).values();
  const whole = await makeModel(gpu, given, seed);
  await whole.fit(batches, { epochs: 3 });

  const storage = memoryStorage();
  let updates = 0;
  const breakOff: Callback = {
    onBatchEnd: () => {
      if (++updates === 6) throw new Error('broken off');
    },
  };
  const model = await makeModel(gpu, given, seed);
  const callbacks = [breakOff, backupAndRestore(storage, { saveFreq: 2 })];
  await expect(model.fit(batches, { epochs: 3, callbacks })).rejects.toThrow('broken off');
  const resumed = await makeModel(gpu, given, seed);
  const { epoch } = await resumed.fit(batches, { epochs: 3, callbacks: [backupAndRestore(storage)] });
  expect(epoch).toEqual([1, 2]);
  expect(await endOf(resumed)).toEqual(await endOf(whole));
});

test('a model that no file can hold is refused before the first epoch', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const given = { layers: [lstm({ units: 2 }), head], optimizer: adam({ learningRate: (n) => 0.1 / (n + 1) }) };
  const model = await makeModel(gpu, given, 1);
  const before = await endOf(model);
  await expect(model.fit(x, y, { callbacks: [backupAndRestore(memoryStorage())] })).rejects.toThrow(
    'backupAndRestore: the learning rate is a function of your own, which no file can hold',
  );
  expect(await endOf(model)).toEqual(before);
});

test('a backup of another model is refused before anything changes, and so is a file that is no backup', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const make = async (layers: SequentialOptions['layers'], optimizer: CompileOptions['optimizer'] = adam()) => {
    return makeModel(gpu, { layers, optimizer }, 1);
  };
  const storage = memoryStorage();
  const callbacks = [backupAndRestore(storage, { deleteCheckpoint: false })];
  const fit = (model: Model) => model.fit(x, y, { epochs: 2, batchSize: BATCH, callbacks });
  const model = await make([lstm({ units: 4 }), head]);
  await fit(model);
  const others: [Model, string][] = [
    [await make([gru({ units: 4 }), head]), 'backup.keras: the layers are lstm, dense, but the model has gru, dense'],
    [await make([lstm({ units: 5 }), head]), 'the weights have the shapes [2, 16], [4, 16], [16], [4, 1], [1], but'],
    [await make([lstm({ units: 4 }), head], rmsprop()), "its optimizer is adam, but the model's is rmsprop"],
  ];
  for (const [other, message] of others) {
    const before = await endOf(other);
    await expect(fit(other)).rejects.toThrow(message);
    expect(await endOf(other)).toEqual(before);
  }
  // The training has ended already: nothing is left to do.
  expect(await fit(model)).toEqual({ epoch: [], history: {} });
  await storage.write(await saveModel(model));
  await expect(fit(model)).rejects.toThrow('model.keras: it was not saved by backupAndRestore');
});
