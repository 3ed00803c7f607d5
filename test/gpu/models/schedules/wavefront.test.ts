import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  dense,
  dropout,
  embedding,
  gru,
  l2,
  lstm,
  masking,
  sequential,
  ValueError,
  type FitOptions,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';

type Schedule = NonNullable<SequentialOptions['schedule']>;

const STEPS_OF_TRAINING = 3;

const reason = 'the same sums in another order, through up to 4 layers and 3 steps of Adam';
const close = { atol: 1e-5, rtol: 1e-5, reason };

/** Layers with as many units each, all giving sequences but perhaps the last one. */
const stackOf = (count: number, units: number, sequences: boolean, options = {}) =>
  Array.from({ length: count }, (_, n) => lstm({ units, returnSequences: sequences || n + 1 < count, ...options }));

async function make(schedule: Schedule, options: SequentialOptions) {
  const model = await sequential(gpu, { seed: 3, schedule, ...options });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam({ learningRate: 0.02, epsilon: 1e-2 }), loss: 'meanSquaredError' });
  return model;
}

interface Samples {
  rows: number;
  inputShape: readonly number[];
  outputShape: readonly number[];
  /** What x is made of. Default: normally distributed numbers. */
  draw?: (random: ReturnType<typeof rng>) => number;
  /** Whether any layer keeps states. */
  stateful?: boolean;
  seed: number;
}

/** Trains some steps, on a batch of its own each, tests and predicts; tells all that can be seen of it. */
async function trace(model: Model, { rows, inputShape, outputShape, draw, stateful, seed }: Samples) {
  const random = rng(seed);
  const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, rows);
  const x = () => {
    const data = draw
      ? Array.from({ length: sizeOf(inputShape) }, () => draw(random))
      : random.array(sizeOf(inputShape), 1);
    return array(data, [rows, ...inputShape]);
  };
  const y = () => array(random.array(sizeOf(outputShape), 1), [rows, ...outputShape]);
  const losses: number[] = [];
  for (let step = 0; step < STEPS_OF_TRAINING; step++) losses.push((await model.trainOnBatch(x(), y())).loss);
  losses.push((await model.testOnBatch(x(), y())).loss);
  const predicted = await model.predictOnBatch(x());
  return {
    losses,
    predicted: predicted.data,
    returned: (predicted.states ?? []).flatMap(({ data }) => [...data]),
    kept: stateful ? (await model.getStates()).flatMap(({ data }) => [...data]) : [],
    weights: (await weightsOf(model)).flatMap((weight) => [...weight]),
  };
}

/** The same of models that differ in their schedule alone. */
async function expectAlike(options: SequentialOptions, samples: Omit<Samples, 'inputShape' | 'seed'>) {
  const seed = randomSeed();
  const run = async (schedule: Schedule) => {
    const model = await make(schedule, { batchSize: samples.rows, ...options });
    return trace(model, { ...samples, inputShape: options.inputShape as number[], seed });
  };
  const [wavefront, layered] = [await run('wavefront'), await run('layered')];
  for (const what of ['losses', 'predicted', 'returned', 'kept', 'weights'] as const) {
    expect(wavefront[what]).toHaveLength(layered[what].length);
    if (layered[what].length > 0) expectClose(wavefront[what], layered[what], { ...close, what });
  }
}

describe('a stack trains, tests and predicts in a wavefront as layer by layer', () => {
  // The kernels themselves meet more sizes in kernels/lstm-wavefront.test.ts.
  const cases = [
    { layers: 2, steps: 1, rows: 1, units: 1, features: 1, sequences: false },
    { layers: 2, steps: 7, rows: 3, units: 5, features: 2, sequences: true },
    { layers: 3, steps: 2, rows: 9, units: 33, features: 17, sequences: false },
    { layers: 4, steps: 7, rows: 17, units: 5, features: 2, sequences: false },
  ].map((shape, n) => ({ ...shape, stateful: n % 2 === 1 }));
  test.each(cases)('%o', async ({ layers, steps, rows, units, features, sequences, stateful }) => {
    const stack = stackOf(layers, units, sequences, { stateful });
    const outputShape = sequences ? [steps, 2] : [2];
    await expectAlike(
      { inputShape: [steps, features], layers: [...stack, dense({ units: 2 })] },
      { rows, outputShape, stateful },
    );
  });

  const others: Record<string, { layers: SequentialOptions['layers']; outputShape: number[]; stateful?: boolean }> = {
    'other activations': {
      layers: stackOf(2, 5, false, { activation: 'softsign', recurrentActivation: 'hardSigmoid' }),
      outputShape: [5],
    },
    'without biases': { layers: stackOf(2, 5, true, { useBias: false }), outputShape: [4, 5] },
    'states returned': { layers: stackOf(3, 5, false, { returnState: true }), outputShape: [5] },
    'stateful in the middle alone': {
      layers: stackOf(3, 5, false).with(1, lstm({ units: 5, returnSequences: true, stateful: true })),
      outputShape: [5],
      stateful: true,
    },
    'between other layers, which need the gradient of its input': {
      layers: [dense({ units: 2 }), ...stackOf(2, 5, true), dropout({ rate: 0.3 }), gru({ units: 2 })],
      outputShape: [2],
    },
    'two stacks and layers that belong to none': {
      layers: [
        lstm({ units: 2, returnSequences: true }),
        ...stackOf(2, 5, true),
        ...stackOf(2, 4, true),
        lstm({ units: 4, goBackwards: true }),
      ],
      outputShape: [4],
    },
    'another stack behind a masked one': {
      layers: [...stackOf(2, 5, true), masking({ maskValue: 0.5 }), ...stackOf(2, 4, false)],
      outputShape: [4],
    },
  };
  test.each(Object.entries(others))('%s', async (_name, { layers, ...rest }) => {
    await expectAlike({ inputShape: [4, 2], layers }, { rows: 5, ...rest });
  });

  test('behind an embedding', async () => {
    const layers = [embedding({ inputDim: 6, outputDim: 2 }), ...stackOf(2, 5, false)];
    const draw = (random: ReturnType<typeof rng>) => random.integer(0, 5);
    await expectAlike({ inputShape: [4], layers }, { rows: 3, outputShape: [5], draw });
  });

  test('predicting with padding and with initial states', async () => {
    const random = rng(randomSeed());
    const [rows, steps, features, units] = [3, 4, 2, 5];
    const x = array(random.array(rows * steps * features, 1), [rows, steps, features]);
    const state = () => array(random.array(rows * units, 1), [rows, units]);
    const initialState = { lstm: [state(), state()], lstm_1: [state(), state()] };
    const options = { inputShape: [steps, features], layers: stackOf(2, units, true) };
    const [wavefront, layered] = [await make('wavefront', options), await make('layered', options)];
    for (const how of [{ lengths: [4, 1, 2] }, { initialState }, {}]) {
      const [{ data }, expected] = [await wavefront.predict(x, how), await layered.predict(x, how)];
      expectClose(data, expected.data, { ...close, what: `predictions with ${Object.keys(how).join('')}` });
    }
  });

  const ways: Record<string, FitOptions> = {
    plainly: {},
    'with resets within samples': { resetStates: Uint8Array.from({ length: 6 * 4 }, (_, n) => (n % 3 === 0 ? 1 : 0)) },
    'in windows': { truncate: 3 },
  };
  test.each(Object.entries(ways))('fitting %s', async (_name, how) => {
    const random = rng(randomSeed());
    const [rows, steps, features, units] = [3, 4, 2, 5];
    const x = array(random.array(2 * rows * steps * features, 1), [2 * rows, steps, features]);
    const y = array(random.array(2 * rows * steps * units, 1), [2 * rows, steps, units]);
    const layers = stackOf(3, units, true, { stateful: true });
    const run = async (schedule: Schedule) => {
      const model = await make(schedule, { inputShape: [steps, features], layers, batchSize: rows });
      await model.fit(x, y, { batchSize: rows, epochs: 2, shuffle: false, ...how });
      return (await weightsOf(model)).flatMap((weight) => [...weight]);
    };
    expectClose(await run('wavefront'), await run('layered'), { ...close, what: 'weights' });
  });
});

test('explain tells which layers go in a wavefront', async () => {
  const layers = [gru({ units: 5, returnSequences: true }), ...stackOf(2, 5, true), masking(), ...stackOf(2, 5, false)];
  const model = await make('wavefront', { inputShape: [4, 2], layers });
  await model.predictOnBatch(array(new Float32Array(8), [1, 4, 2]));
  const wavefronts = model.explain().map(({ layer, decision }) => [layer, decision === 'wavefront']);
  expect(Object.fromEntries(wavefronts)).toEqual({
    gru: false,
    lstm: true,
    lstm_1: true,
    lstm_2: false,
    lstm_3: false,
  });
});

describe('a model that has nothing for a wavefront says why', () => {
  const cases: Record<string, [layers: SequentialOptions['layers'], reason: string]> = {
    'one layer': [[lstm({ units: 2 }), dense({ units: 1 })], 'no lstm layer follows another'],
    'layers between': [
      [lstm({ units: 2, returnSequences: true }), dense({ units: 2 }), lstm({ units: 2 })],
      'no lstm layer follows another',
    ],
    units: [
      [lstm({ units: 2, returnSequences: true }), lstm({ units: 3 })],
      'lstm and lstm_1 differ in their units, 2 and 3',
    ],
    activation: [
      [lstm({ units: 2, returnSequences: true }), lstm({ units: 2, activation: 'relu' })],
      'lstm and lstm_1 differ in their activation',
    ],
    recurrentActivation: [
      [lstm({ units: 2, returnSequences: true }), lstm({ units: 2, recurrentActivation: 'tanh' })],
      'lstm and lstm_1 differ in their recurrentActivation',
    ],
    dropout: [stackOf(2, 2, false, { dropout: 0.1 }), 'lstm has dropout'],
    recurrentDropout: [
      [lstm({ units: 2, returnSequences: true }), lstm({ units: 2, recurrentDropout: 0.1 })],
      'lstm_1 has recurrentDropout',
    ],
    goBackwards: [stackOf(2, 2, false, { goBackwards: true }), 'lstm has goBackwards'],
    activityRegularizer: [stackOf(2, 2, false, { activityRegularizer: l2(0.1) }), 'lstm has an activityRegularizer'],
  };
  test.each(Object.entries(cases))('%s', async (_name, [layers, reason]) => {
    const building = sequential(gpu, { inputShape: [4, 2], layers, schedule: 'wavefront' });
    await expect(building).rejects.toThrow(ValueError);
    await expect(building).rejects.toThrow(`but ${reason}. Leave schedule out.`);
  });
});
