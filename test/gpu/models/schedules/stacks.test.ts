import { describe, expect, onTestFinished, test } from 'vitest';
import {
  activation,
  bidirectional,
  dense,
  dropout,
  embedding,
  lastStep,
  lstm,
  masking,
  repeatVector,
  sequential,
  sgd,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../../harness/random.ts';
import { Stack } from '../../../reference/stack.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { array, elementsOf, setWeights, weightsOf } from '../builders/make-model.ts';

type Layers = SequentialOptions['layers'];

interface Case {
  layers: (units: number) => Layers;
  twin: (units: number) => twins.TwinLayer[];
  /** Features of a step; none: the input is a sequence of indices below 6. */
  features?: number;
  /** Steps without any feature other than this are padding. */
  padding?: number;
}

const modes = ['concat', 'sum', 'mul', 'ave'] as const;

const bidirectionals: [string, Case][] = modes.flatMap((mergeMode, mode) =>
  [false, true].flatMap((returnSequences) =>
    // Each mode is masked with sequences or without, since masks and modes have nothing to do with each other.
    (returnSequences === (mode % 2 === 0) ? [undefined, -2] : [undefined]).map((padding): [string, Case] => [
      `bidirectional ${mergeMode}, sequences ${returnSequences}, ${padding === undefined ? 'no mask' : 'masked'}`,
      {
        features: 2,
        padding,
        layers: (units) => [
          ...(padding === undefined ? [] : [masking({ maskValue: padding })]),
          bidirectional(lstm({ units, returnSequences }), { mergeMode }),
          ...(returnSequences ? [lstm({ units: 2 })] : []),
          dense({ units: 1 }),
        ],
        twin: (units) => {
          const width = mergeMode === 'concat' ? 2 * units : units;
          return [
            ...(padding === undefined ? [] : [twins.masking(padding)]),
            twins.bidirectional(2, units, mergeMode, { cell: 'lstm', returnSequences }),
            ...(returnSequences ? [twins.lstm(width, 2)] : []),
            twins.dense(returnSequences ? 2 : width, 1),
          ];
        },
      },
    ]),
  ),
);

const embeddings: [string, Case][] = [false, true].map((maskZero) => [
  `embedding, mask ${maskZero}, LSTM with sequences, last step`,
  {
    layers: (units) => [
      embedding({ inputDim: 6, outputDim: units, maskZero }),
      lstm({ units: 3, returnSequences: true }),
      lastStep(),
      dense({ units: 2 }),
    ],
    twin: (units) => [
      twins.embedding(6, units, maskZero),
      twins.lstm(units, 3, { returnSequences: true }),
      twins.lastStep(),
      twins.dense(3, 2),
    ],
  },
]);

const cases: Record<string, Case> = {
  ...Object.fromEntries(bidirectionals),
  ...Object.fromEntries(embeddings),
  'two bidirectional layers': {
    features: 3,
    layers: (units) => [
      bidirectional(lstm({ units, returnSequences: true })),
      bidirectional(lstm({ units: 2 }), { mergeMode: 'sum' }),
      dense({ units: 1 }),
    ],
    twin: (units) => [
      twins.bidirectional(3, units, 'concat', { cell: 'lstm', returnSequences: true }),
      twins.bidirectional(2 * units, 2, 'sum', { cell: 'lstm' }),
      twins.dense(2, 1),
    ],
  },
  'a mask through dense, dropout and activation to an LSTM': {
    features: 2,
    padding: 0,
    layers: (units) => [
      masking(),
      dense({ units: 3, activation: 'tanh' }),
      dropout({ rate: 0 }),
      activation('sigmoid'),
      lstm({ units }),
      dense({ units: 1 }),
    ],
    twin: (units) => [
      twins.masking(0),
      twins.dense(2, 3, 'tanh'),
      twins.activation('sigmoid'),
      twins.lstm(3, units),
      twins.dense(units, 1),
    ],
  },
  'an encoder and a decoder': {
    features: 2,
    layers: (units) => [
      lstm({ units }),
      repeatVector(4),
      lstm({ units: 3, returnSequences: true }),
      dense({ units: 2 }),
      activation('tanh'),
    ],
    twin: (units) => [
      twins.lstm(2, units),
      twins.repeatVector(4),
      twins.lstm(units, 3, { returnSequences: true }),
      twins.dense(3, 2),
      twins.activation('tanh'),
    ],
  },
  'a mask in the middle, from rectified features': {
    features: 2,
    layers: (units) => [dense({ units, activation: 'relu' }), masking(), lastStep(), dense({ units: 2 })],
    twin: (units) => [twins.dense(2, units, 'relu'), twins.masking(0), twins.lastStep(), twins.dense(units, 2)],
  },
};

/** Sizes that divide nothing. */
const usual = { units: 3, rows: 5, steps: 7 };
/** The smallest there are, and units past the edge of every tile. Each case meets one of them. */
const edges = [
  { units: 1, rows: 1, steps: 1 },
  { units: 33, rows: 2, steps: 3 },
];

function inputOf(
  random: ReturnType<typeof rng>,
  shape: readonly number[],
  padding?: number,
): Float32Array<ArrayBuffer> {
  const [, , features] = shape;
  if (features === undefined) return Float32Array.from({ length: elementsOf(shape) }, () => random.integer(0, 5));
  const x = random.array(elementsOf(shape), 1);
  if (padding === undefined) return x;
  const isPadding = Array.from({ length: x.length / features }, () => random.uniform(0, 1) < 0.4);
  return x.map((value, index) => (isPadding[Math.floor(index / features)] ? padding : value));
}

async function build(inputShape: readonly number[], layers: Layers) {
  const model = await sequential(gpu, { inputShape, layers });
  onTestFinished(() => model.dispose());
  // One step of length 1 moves the weights by their gradient.
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
  return model;
}

describe.each(Object.entries(cases))('%s', (name, { layers, twin, features, padding }) => {
  const edge = edges[Object.keys(cases).indexOf(name) % edges.length];

  test.each([usual, edge])('units $units, rows $rows, steps $steps', async ({ units, rows, steps }) => {
    const random = rng(name.includes('rectified') ? SETTLED_SEED : randomSeed());
    const sample = features === undefined ? [steps] : [steps, features];
    const shape = [rows, ...sample];
    const model = await build(sample, layers(units));
    const stack = new Stack(twin(units));
    const before = stack.weights.map(({ length }) => random.array(length, 0.5));
    stack.setWeights(before);
    await setWeights(model, before);

    const x = inputOf(random, shape, padding);
    const output = stack.forward({ x, shape });
    const reason = 'float32 throughout';
    const predicted = await model.predict(array(x, shape));
    expect(predicted.shape).toEqual(output.shape);
    expectClose(predicted.data, output.values, { atol: 2e-6, rtol: 2e-6, what: 'outputs', reason });

    const y = random.array(output.values.length, 1);
    const expected = stack.gradients({ x, shape }, y);
    const figures = await model.trainOnBatch(array(x, shape), array(y, output.shape));
    expectClose([figures.loss], [stack.loss({ x, shape }, y)], { atol: 2e-6, rtol: 2e-6, what: 'loss', reason });
    (await weightsOf(model)).forEach((after, n) => {
      const gradient = Float64Array.from(before[n], (value, k) => value - after[k]);
      expectClose(gradient, expected.weights[n], {
        atol: 4e-6,
        rtol: 1e-5,
        what: `gradient of weight ${n}`,
        reason: 'float32 throughout, and a difference of weights rounded to 1e-7',
      });
    });
  });
});

test('a model without any weights tests and trains', async () => {
  const model = await build([3, 1], [masking(), lastStep()]);
  const x = array([1, 2, 0, 0, 5, 0], [2, 3, 1]);
  expect([...(await model.predict(x)).data]).toEqual([2, 5]);
  expect(await model.trainOnBatch(x, [[0], [4]])).toEqual({ loss: 2.5 });
});
