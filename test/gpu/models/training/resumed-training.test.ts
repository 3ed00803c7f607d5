import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  adam,
  dense,
  dropout,
  exponentialDecay,
  lstm,
  rmsprop,
  sequential,
  sgd,
  type Callback,
  type CompileOptions,
  type Model,
  type ModelInTraining,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { errorOf } from '../../../harness/error-of.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { batchesOf } from '../builders/batches.ts';
import { makeSamples } from '../builders/make-model.ts';

const SAMPLES = 12;
const BATCH = 4;
const EPOCHS = 3;
const inputShape = [5, 2] as const;

interface Case extends Pick<SequentialOptions, 'layers' | 'batchSize' | 'schedule'> {
  optimizer: CompileOptions['optimizer'];
  shuffle?: boolean | 'force';
}

const head = dense({ units: 1, activation: 'sigmoid' });

const cases: Record<string, Case> = {
  'Adam in one workgroup': { layers: [lstm({ units: 4 }), head], optimizer: adam({ learningRate: 0.01 }) },
  'AMSGrad with dropout': {
    layers: [lstm({ units: 4, dropout: 0.3, recurrentDropout: 0.2 }), dropout({ rate: 0.4 }), head],
    optimizer: adam({ amsgrad: true }),
  },
  'RMSprop with all its moments': {
    layers: [lstm({ units: 4 }), head],
    optimizer: rmsprop({ momentum: 0.9, centered: true }),
  },
  'SGD with momentum that accumulates gradients': {
    layers: [lstm({ units: 4 }), head],
    optimizer: sgd({ momentum: 0.9, gradientAccumulationSteps: 2 }),
  },
  'a schedule, and states that are carried on': {
    layers: [lstm({ units: 4, stateful: true }), head],
    batchSize: BATCH,
    optimizer: adam({ learningRate: exponentialDecay({ initialLearningRate: 0.02, decaySteps: 3, decayRate: 0.7 }) }),
    shuffle: 'force',
  },
};

/** All that a training has to be resumed from. */
async function snapshot(model: Model | ModelInTraining, isStateful: boolean) {
  const [weights, optimizer, random, states] = await Promise.all([
    model.getWeights(),
    model.getOptimizerState(),
    model.getRandomState(),
    isStateful ? model.getStates() : [],
  ]);
  return { weights, optimizer, random, states };
}

type Snapshot = Awaited<ReturnType<typeof snapshot>>;

function restore(model: Model, { weights, optimizer, random, states }: Snapshot): void {
  model.setWeights(weights);
  model.setOptimizerState(optimizer);
  model.setRandomState(random);
  if (states.length > 0) model.setStates(states);
}

describe.each(Object.entries(cases))('%s', (_name, { layers, batchSize, schedule, optimizer, shuffle }) => {
  const make = async (seed: number) => {
    const model = await sequential(gpu, { inputShape, layers, batchSize, schedule, seed });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer, loss: 'binaryCrossentropy' });
    return model;
  };

  test('goes on with the same bits from the end of an epoch, and from the middle of one', async () => {
    const seed = randomSeed();
    const { x, y } = makeSamples(rng(seed), { inputShape }, SAMPLES);
    const options = { batchSize: BATCH, epochs: EPOCHS, shuffle };
    const isStateful = batchSize !== undefined;
    const kept: Record<string, Snapshot> = {};
    let atBegin: Snapshot['random'];
    const keep: Callback = {
      onEpochBegin: async (_epoch, model) => {
        atBegin = await model.getRandomState();
      },
      onBatchEnd: async (batch, _logs, model) => {
        const { iterations } = await model.getOptimizerState();
        if (iterations !== 5) return;
        const all = await snapshot(model, isStateful);
        // The order of the samples is drawn at the beginning of the epoch, and is drawn anew when it is resumed.
        kept[`batch ${batch}`] = { ...all, random: { ...all.random, shuffle: atBegin.shuffle } };
      },
      onEpochEnd: async (epoch, _logs, model) => {
        kept[`epoch ${epoch}`] = await snapshot(model, isStateful);
      },
    };
    const whole = await make(seed);
    await whole.fit(x, y, { ...options, callbacks: [keep] });
    const expected = await snapshot(whole, isStateful);

    for (const [when, from] of [
      ['epoch 0', { initialEpoch: 1 }],
      ['batch 1', { initialEpoch: 1, initialBatch: 2 }],
    ] as const) {
      const resumed = await make(seed + 1);
      restore(resumed, kept[when]);
      await resumed.fit(x, y, { ...options, ...from });
      expect(await snapshot(resumed, isStateful)).toEqual(expected);
    }
  });
});

test('the state of an optimizer that does not fit is refused before anything changes', async () => {
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  await expect(model.getOptimizerState()).rejects.toThrow('the model has no loss yet');
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  const state = await model.getOptimizerState();
  const { momentum, velocity } = state.moments;
  const wrong: [unknown, string][] = [
    [{ ...state, iterations: -1 }, 'iterations is -1, expected a whole number of at least 0'],
    [{ ...state, learningRate: NaN }, 'learningRate is NaN'],
    [{ ...state, moments: { momentum } }, 'moments has no "velocity", expected "momentum", "velocity" for adam'],
    [{ ...state, moments: { momentum, velocity: velocity.slice(1) } }, 'moments.velocity: got 4 weights, expected 5'],
    [{ ...state, moments: { ...state.moments, velocityHat: velocity } }, 'there is no option "velocityHat"'],
  ];
  for (const [given, message] of wrong) {
    expect(errorOf(() => model.setOptimizerState(given as typeof state)).message).toContain(message);
  }
  expect(errorOf(() => model.setRandomState({ shuffle: [1, 2, 3], dropout: [1, 2, 3, 4] })).message).toContain(
    'shuffle is [1, 2, 3], expected four whole numbers',
  );
  expect(await model.getOptimizerState()).toEqual(state);
});

test('a callback lets a fit go on elsewhere, before its first epoch alone', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  const batches: string[] = [];
  let epoch = -1;
  const options = { batchSize: BATCH, epochs: 3 };
  const hear: Callback = {
    onTrainBegin: (training) => training.continueFrom({ epoch: 1, batch: 2 }),
    onEpochBegin: (begun) => {
      epoch = begun;
    },
    onBatchBegin: (batch) => void batches.push(`${epoch}.${batch}`),
  };
  const { epoch: epochs } = await model.fit(x, y, { ...options, callbacks: [hear] });
  expect(epochs).toEqual([1, 2]);
  expect(batches).toEqual(['1.2', '2.0', '2.1', '2.2']);
  const late: Callback = { onEpochBegin: (_epoch, training) => training.continueFrom({ epoch: 2 }) };
  await expect(model.fit(x, y, { ...options, callbacks: [late] })).rejects.toThrow('onTrainBegin of a fit alone');
  const beyond: Callback = { onTrainBegin: (training) => training.continueFrom({ epoch: 0, batch: 3 }) };
  await expect(model.fit(x, y, { ...options, callbacks: [beyond] })).rejects.toThrow(
    'continueFrom: batch is 3, expected at most 2, since an epoch has 3 batches',
  );
  await expect(model.fit(x, y, { ...options, initialBatch: 3 })).rejects.toThrow(
    'initialBatch is 3, expected a whole number from 0 to 2',
  );
});

test('batches of an iterable go on within an epoch, and an iterable that ends before that place is refused', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  const batches = () => batchesOf({ x, y }, BATCH).values();
  const heard: number[] = [];
  const goOn = (batch: number): Callback => ({
    onTrainBegin: (training) => training.continueFrom({ epoch: 1, batch }),
    onBatchBegin: (begun) => void heard.push(begun),
  });
  const { epoch } = await model.fit(batches, { epochs: 3, callbacks: [goOn(2)] });
  expect(epoch).toEqual([1, 2]);
  expect(heard).toEqual([2, 0, 1, 2]);
  await expect(model.fit(batches, { epochs: 3, callbacks: [goOn(3)] })).rejects.toThrow(
    'model.fit: the epoch is to go on with batch 3, but the iterable gives 3 batches',
  );
});

test('progress counts no batch that was left out', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const speeds: unknown[] = [];
  const resume: Callback = {
    onTrainBegin: (training) => {
      now = 1000;
      training.continueFrom({ epoch: 1, batch: 2 });
    },
  };
  await model.fit(x, y, {
    batchSize: BATCH,
    epochs: 3,
    callbacks: [resume],
    onProgress: ({ phase, updatesPerSecond }) => {
      if (phase === 'training') speeds.push(updatesPerSecond);
    },
  });
  // The first report comes behind the one batch of epoch 1, and the last one behind three more, all within a second.
  expect(speeds).toEqual([1, 4]);
});

test('a callback is told of the optimizer of its own run, also while the model is compiled anew', async () => {
  const { x, y } = makeSamples(rng(randomSeed()), { inputShape }, SAMPLES);
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  const heard: string[][] = [];
  const ask: Callback = {
    onTestEnd: async (_logs, testing) => {
      heard.push(Object.keys((await testing.getOptimizerState()).moments));
    },
  };
  const tested = model.evaluate(x, y, { callbacks: [ask] });
  model.compile({ optimizer: sgd(), loss: 'binaryCrossentropy' });
  await tested;
  heard.push(Object.keys((await model.getOptimizerState()).moments));
  expect(heard).toEqual([['momentum', 'velocity'], ['momentum']]);
});

test('the state of an optimizer that has made no step is read without memory on the GPU', async () => {
  const model = await sequential(gpu, { inputShape, layers: [lstm({ units: 2 }), head] });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam({ amsgrad: true }), loss: 'binaryCrossentropy' });
  const createBuffer = vi.spyOn(gpu.device, 'createBuffer');
  const { iterations, moments } = await model.getOptimizerState();
  expect(createBuffer).not.toHaveBeenCalled();
  expect(iterations).toBe(0);
  expect(Object.keys(moments)).toEqual(['momentum', 'velocity', 'velocityHat']);
  const zeros = (await model.getWeights()).map(({ name, shape, data }) => ({ name, shape, data: data.fill(0) }));
  for (const moment of Object.values(moments)) expect(moment).toEqual(zeros);
});
