import { describe, expect, test } from 'vitest';
import { expectClose } from '../harness/expect-close.ts';
import { rng, SETTLED_SEED } from '../harness/random.ts';
import { activations, type ActivationName } from '../reference/activations.ts';
import { dot } from '../reference/arrays.ts';
import { denseBackward, denseForward } from '../reference/dense.ts';
import { finiteDifference } from '../reference/finite-difference.ts';
import { losses, meanLoss, meanLossGradient, type LossName } from '../reference/losses.ts';
import { ReferenceModel, type ReferenceOptions } from '../reference/reference-model.ts';

const closeness = { atol: 1e-8, rtol: 1e-7, reason: 'central differences in float64 with a step of 1e-5' };

const names = <T extends string>(table: Record<T, unknown>) => Object.keys(table) as T[];

describe('the finite difference', () => {
  test('of a cubic is its derivative', () => {
    const x = Float64Array.of(-1, 0, 2);
    const gradient = finiteDifference(() => x.reduce((sum, value) => sum + value ** 3, 0), x);
    expectClose(gradient, [3, 0, 12], { ...closeness, what: 'derivative of x³' });
    expect([...x]).toEqual([-1, 0, 2]);
  });
});

describe('the dense twin has the gradient of its forward pass', () => {
  test.each(names(activations))('%s', (activation: ActivationName) => {
    const shape = { rows: 3, features: 4, units: 2 };
    const random = rng(SETTLED_SEED);
    const [x, kernel, bias, yGradient] = [12, 8, 2, 6].map((size) => Float64Array.from(random.array(size, 1)));
    const loss = () => dot(denseForward(shape, { kernel, bias }, x, activation).y, yGradient);
    const { z } = denseForward(shape, { kernel, bias }, x, activation);
    const gradients = denseBackward(shape, { kernel, bias }, x, z, yGradient, activation);
    const inputs = { x, kernel, bias };
    for (const name of names(inputs)) {
      expectClose(gradients[name], finiteDifference(loss, inputs[name]), { ...closeness, what: `gradient of ${name}` });
    }
  });
});

describe('a loss has the gradient of its value', () => {
  test.each(names(losses))('%s', (name: LossName) => {
    const random = rng(SETTLED_SEED);
    // Away from the bounds where a clipped probability has a kink.
    const output = Float64Array.from({ length: 9 }, () => random.uniform(0.05, 0.95));
    const target = Float64Array.from({ length: 9 }, () => random.integer(0, 1));
    const difference = finiteDifference(() => meanLoss(name, output, target), output);
    expectClose(meanLossGradient(name, output, target), difference, { ...closeness, what: name });
  });

  test('which is zero where a probability is clipped', () => {
    expect([...meanLossGradient('binaryCrossentropy', [0, 1, 1e-9], [1, 0, 1])]).toEqual([0, 0, 0]);
  });
});

describe('the reference model has the gradient of its loss', () => {
  const models: Record<string, Omit<ReferenceOptions, 'inputShape'>> = {
    'logits behind one LSTM': {
      layers: [
        { kind: 'lstm', units: 3 },
        { kind: 'dense', units: 1, activation: 'sigmoid' },
      ],
      loss: 'binaryCrossentropy',
    },
    'probabilities of a dense layer on sequences': {
      layers: [
        { kind: 'lstm', units: 2, returnSequences: true },
        { kind: 'dense', units: 2, activation: 'sigmoid' },
        { kind: 'dense', units: 1, activation: 'sigmoid' },
      ],
      loss: 'binaryCrossentropy',
    },
    'two LSTMs and two dense layers': {
      layers: [
        { kind: 'lstm', units: 3, returnSequences: true, recurrentActivation: 'hardSigmoidLegacy' },
        { kind: 'lstm', units: 2 },
        { kind: 'dense', units: 3, activation: 'tanh' },
        { kind: 'dense', units: 2 },
      ],
      loss: 'meanSquaredError',
    },
  };
  test.each(names(models))('%s', (name) => {
    const random = rng(SETTLED_SEED);
    const model = new ReferenceModel({ ...models[name], inputShape: [4, 2] });
    model.setWeights(model.weights.map(({ length }) => random.array(length, 0.7)));
    const x = random.array(3 * 4 * 2, 1);
    const y = Float64Array.from({ length: model.predictOnBatch(x).length }, () => random.integer(0, 1));
    const { gradients } = model.gradients(x, y);
    model.weights.forEach((weight, index) => {
      const difference = finiteDifference(() => model.testOnBatch(x, y).loss, weight);
      expectClose(gradients[index], difference, { ...closeness, what: `gradient of weight ${index}` });
    });
  });
});
