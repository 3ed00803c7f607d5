import { describe, expect, test } from 'vitest';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { finiteDifference } from '../reference/finite-difference.ts';
import { conv1d, type ConvolutionSpec } from '../reference/convolution.ts';
import { Stack } from '../reference/stack.ts';
import {
  activation,
  bidirectional,
  dense,
  embedding,
  lastStep,
  lstm,
  masking,
  repeatVector,
  scaled,
  type MergeMode,
  type TwinLayer,
} from '../reference/twin-layers.ts';

const closeness = { atol: 1e-8, rtol: 1e-7, reason: 'central differences in float64 with a step of 1e-5' };

const [BATCH, STEPS, FEATURES] = [3, 5, 2];

/** Padding in front, in between and behind; the last row has nothing else. */
const PADDING = [
  [0, 4],
  [2, 3],
  [0, 1, 2, 3, 4],
];

type Random = ReturnType<typeof rng>;

function sequences(random: Random): Float64Array {
  return Float64Array.from({ length: BATCH * STEPS * FEATURES }, (_, index) => {
    const step = Math.floor(index / FEATURES);
    return PADDING[Math.floor(step / STEPS)].includes(step % STEPS) ? -1 : random.normal();
  });
}

const modes: MergeMode[] = ['concat', 'sum', 'mul', 'ave'];

const convolutions = [
  { kernelSize: 3, strides: 2, padding: 'valid', dilationRate: 1 },
  { kernelSize: 2, strides: 1, padding: 'valid', dilationRate: 3 },
  { kernelSize: 4, strides: 2, padding: 'same', dilationRate: 1 },
  { kernelSize: 3, strides: 1, padding: 'causal', dilationRate: 2 },
] as const satisfies Partial<ConvolutionSpec>[];

const stacks: Record<string, () => TwinLayer[]> = {
  'masking, LSTM': () => [masking(-1), lstm(FEATURES, 3)],
  'masking, LSTM with sequences, last step': () => [
    masking(-1),
    lstm(FEATURES, 3, { returnSequences: true }),
    lastStep(),
  ],
  'masking, LSTM from the end': () => [masking(-1), lstm(FEATURES, 3, { returnSequences: true, goBackwards: true })],
  'LSTM, repeat, LSTM': () => [lstm(FEATURES, 3), repeatVector(4), lstm(3, 2, { returnSequences: true })],
  ...Object.fromEntries(
    convolutions.map((spec) => [
      `convolution, ${JSON.stringify(spec)}, LSTM`,
      () => [conv1d(FEATURES, { ...spec, filters: 3, activation: 'tanh', useBias: true }), lstm(3, 2)],
    ]),
  ),
  'scaled elements, dense, activation': () => [
    scaled(Float64Array.from({ length: BATCH * STEPS * FEATURES }, (_, index) => (index % 3 === 0 ? 0 : 1.5))),
    dense(FEATURES, 4, 'tanh'),
    activation('sigmoid'),
  ],
  ...Object.fromEntries(
    modes.flatMap((mode) =>
      [false, true].map((returnSequences) => [
        `masking, bidirectional ${mode}, sequences ${returnSequences}`,
        () => [masking(-1), bidirectional(FEATURES, 2, mode, { cell: 'lstm', returnSequences })],
      ]),
    ),
  ),
};

describe('a stack of twins has the gradient of its loss', () => {
  test.each(Object.entries(stacks))('%s', (_name, layers) => {
    const random = rng(randomSeed());
    const stack = new Stack(layers());
    stack.setWeights(stack.weights.map(({ length }) => random.array(length, 0.7)));
    const x = sequences(random);
    const shape = [BATCH, STEPS, FEATURES];
    const y = random.array(stack.forward({ x, shape }).values.length, 1);
    const gradients = stack.gradients({ x, shape }, y);
    stack.weights.forEach((weight, index) => {
      const difference = finiteDifference(() => stack.loss({ x, shape }, y), weight);
      expectClose(gradients.weights[index], difference, { ...closeness, what: `gradient of weight ${index}` });
    });
    // Moving a padded number would make its step count: only the others have a derivative.
    const difference = finiteDifference(() => stack.loss({ x, shape }, y), x);
    const free = Array.from(x.keys()).filter((index) => x[index] !== -1);
    const of = (data: Float64Array) => free.map((index) => data[index]);
    expectClose(of(gradients.x), of(difference), { ...closeness, what: 'gradient of x' });
  });

  test.each([false, true])('embedding with repeated indices, mask %s', (maskZero) => {
    const random = rng(randomSeed());
    const stack = new Stack([embedding(4, 3, maskZero), lstm(3, 2), dense(2, 1)]);
    stack.setWeights(stack.weights.map(({ length }) => random.array(length, 0.7)));
    const x = [1, 3, 1, 1, 0, 0, 2, 0, 0, 0, 0, 3];
    const y = random.array(3, 1);
    const { weights } = stack.gradients({ x, shape: [3, 4] }, y);
    stack.weights.forEach((weight, index) => {
      const difference = finiteDifference(() => stack.loss({ x, shape: [3, 4] }, y), weight);
      expectClose(weights[index], difference, { ...closeness, what: `gradient of weight ${index}` });
    });
    expect(weights[0].subarray(0, 3).every((g) => g === 0)).toBe(maskZero);
  });
});
