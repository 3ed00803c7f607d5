import { describe, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, SETTLED_SEED } from '../../../harness/random.ts';
import { dot } from '../../../reference/arrays.ts';
import { finiteDifference } from '../../../reference/finite-difference.ts';
import type { LayerSpec } from '../../../reference/reference-model.ts';
import { array, makePair, weightsOf, type ModelSpec } from '../builders/make-model.ts';

interface Network extends Pick<ModelSpec, 'loss' | 'metrics' | 'optimizer'> {
  layers: (units: number) => LayerSpec[];
  /** Whether the model gives a value a step. */
  sequences?: boolean;
  outputs?: number;
}

const networks: Record<string, Network> = {
  'one LSTM, cross-entropy of logits': {
    layers: (units) => [
      { kind: 'lstm', units },
      { kind: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  'one LSTM, in one workgroup where it fits': {
    layers: (units) => [
      { kind: 'lstm', units, recurrentActivation: 'hardSigmoidLegacy' },
      { kind: 'dense', units: 2 },
    ],
    loss: 'meanSquaredError',
    metrics: [],
    outputs: 2,
    // Without memory and with an epsilon far above any gradient, a step of Adam is one of SGD, of the same length 1.
    optimizer: { kind: 'adam', learningRate: 1e6, beta1: 0, beta2: 0, epsilon: 1e6 },
  },
  'two LSTMs, hard gates, mean squared error': {
    layers: (units) => [
      { kind: 'lstm', units, returnSequences: true, recurrentActivation: 'hardSigmoidLegacy' },
      { kind: 'lstm', units: 2 },
      { kind: 'dense', units: 3, activation: 'tanh' },
      { kind: 'dense', units: 2 },
    ],
    loss: 'meanSquaredError',
    metrics: [],
    outputs: 2,
  },
  'sequences, dense layers at every step': {
    layers: (units) => [
      { kind: 'lstm', units, returnSequences: true },
      { kind: 'dense', units: 4, activation: 'relu' },
      { kind: 'dense', units: 1, activation: 'sigmoid' },
    ],
    sequences: true,
  },
};

/** Units, rows and steps: each pair at least once, and sizes that divide nothing. The first network meets all of them. */
const shapes = [
  { units: 1, rows: 1, steps: 1 },
  { units: 1, rows: 5, steps: 7 },
  { units: 3, rows: 1, steps: 7 },
  { units: 3, rows: 5, steps: 1 },
  { units: 33, rows: 1, steps: 1 },
  { units: 33, rows: 5, steps: 7 },
  // More than one workgroup a row, a dispatch a step.
  { units: 130, rows: 2, steps: 3 },
];

const FEATURES = 2;

describe.each(Object.entries(networks))('%s', (name, network) => {
  const place = Object.keys(networks).indexOf(name);
  const own = shapes.filter((_, n) => place === 0 || n % 2 === place % 2);
  const { layers, loss, metrics, optimizer, sequences = false, outputs = 1 } = network;

  test.each(own)('units $units, rows $rows, steps $steps', async ({ units, rows, steps }) => {
    const spec: ModelSpec = {
      inputShape: [steps, FEATURES],
      layers: layers(units),
      loss,
      metrics,
      // One step of length 1 moves the weights by their gradient.
      optimizer: optimizer ?? { kind: 'sgd', learningRate: 1 },
    };
    const bends = /hard|relu/.test(JSON.stringify(spec.layers));
    const { model, twin, random } = await makePair(spec, bends ? SETTLED_SEED : randomSeed());
    const x = random.array(rows * steps * FEATURES, 1);
    const outputShape = sequences ? [rows, steps, outputs] : [rows, outputs];
    const size = outputShape.reduce((product, length) => product * length, 1);
    const y = Float32Array.from({ length: size }, () => random.integer(0, 1));

    const before = await weightsOf(model);
    const figures = await model.trainOnBatch(array(x, [rows, steps, FEATURES]), array(y, outputShape));
    const after = await weightsOf(model);
    const gradients = before.map((weight, n) => Float64Array.from(weight, (value, k) => value - after[n][k]));

    const expected = twin.gradients(x, y);
    expectClose([figures.loss], [expected.loss], {
      atol: 2e-6,
      rtol: 2e-6,
      what: 'loss',
      reason: 'float32 throughout',
    });
    gradients.forEach((gradient, n) => {
      expectClose(gradient, expected.gradients[n], {
        atol: 3e-6,
        rtol: 1e-5,
        what: `gradient of weight ${n}`,
        reason: 'float32 throughout, and a difference of weights rounded to 1e-7',
      });
    });

    // The derivative of the loss along one direction through all weights, from values of the loss alone.
    const directions = before.map(({ length }) => random.array(length, 1));
    const along = Float64Array.of(0);
    const derivative = finiteDifference(
      () => {
        twin.setWeights(
          before.map((weight, n) => Float64Array.from(weight, (w, k) => w + along[0] * directions[n][k])),
        );
        return twin.testOnBatch(x, y).loss;
      },
      along,
      // So short that no hard gate and no relu bends within it; rounding then costs 1e-8.
      1e-8,
    );
    const projected = gradients.reduce((sum, gradient, n) => sum + dot(gradient, directions[n]), 0);
    const count = gradients.reduce((sum, { length }) => sum + length, 0);
    expectClose([projected], derivative, {
      atol: 1e-5 + 2e-7 * Math.sqrt(count),
      rtol: 1e-5,
      what: 'derivative along a random direction',
      reason: 'independent roundings of all weights, 1e-7 each',
    });
  });
});
