import { describe, expect, test } from 'vitest';
import { EPSILON, LEARNING_RATE } from '../../bench/contenders/contender.ts';
import { firstRow } from '../../bench/contenders/plain/first-row.ts';
import { drawClass } from '../../bench/contenders/generating/draw-class.ts';
import { PlainLstm } from '../../bench/contenders/plain/lstm.ts';
import { product } from '../../bench/contenders/plain/product.ts';
import { softmax } from '../../bench/contenders/plain/softmax.ts';
import { PlainTrainer } from '../../bench/contenders/plain/trainer.ts';
import { agreement } from '../../bench/measure/agreement.ts';
import { makeInputs } from '../../bench/works/inputs.ts';
import { sequences } from '../../bench/works/work.ts';
import { sampleClass } from '../../src/preprocessing/index.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed, rng } from '../harness/random.ts';
import * as twin from '../reference/arrays.ts';
import { adam } from '../reference/optimizers.ts';
import { recurrent } from '../reference/recurrent.ts';
import { ReferenceModel } from '../reference/reference-model.ts';

const shape = { batch: 3, steps: 5, features: 2, units: 7 };
const close = { atol: 2e-6, rtol: 1e-5, reason: 'float32 sums of some dozen products, over five steps' };

const randomWeights = (random: ReturnType<typeof rng>) => [
  random.array(2 * 28, 0.5),
  random.array(7 * 28, 0.4),
  random.array(28, 0.3),
  random.array(7, 0.5),
  random.array(1, 0.5),
];

describe('the plain loop that the benchmark compares with', () => {
  test.each([false, true])('gives the outputs and gradients of the twin, second batch, carried: %s', (carry) => {
    const random = rng(randomSeed());
    const [kernel, recurrentKernel, bias] = randomWeights(random);
    const weights = { kernel, recurrentKernel, bias };
    const size = shape.batch * shape.steps * shape.features;
    const x = random.array(2 * size, 1);
    const lastGradient = random.array(shape.batch * shape.units, 1);
    const plain = new PlainLstm(shape, weights);
    const last = new Float32Array(lastGradient.length);
    for (const start of [0, size]) plain.forward(x, start, carry, last);
    plain.backward(x, size, lastGradient);

    const reference = { cell: 'lstm' } as const;
    const initial = carry ? recurrent(reference, shape, weights, x.subarray(0, size)).last : undefined;
    const run = recurrent(reference, shape, weights, x.subarray(size), { initial });
    expectClose(last, run.last[0], { ...close, what: 'last h' });
    const expected = run.backward([], [lastGradient]);
    for (const name of ['kernel', 'recurrentKernel', 'bias'] as const) {
      expectClose(plain.gradients[name], expected[name], { ...close, what: name });
    }
  });

  test.each([false, true])('trains as the twin does, stateful: %s', (stateful) => {
    const random = rng(randomSeed());
    const before = randomWeights(random);
    const weights = before.map((weight) => weight.slice());
    const trainer = new PlainTrainer(shape, weights, stateful);
    const reference = new ReferenceModel({
      inputShape: [shape.steps, shape.features],
      layers: [
        { kind: 'lstm', units: shape.units, stateful },
        { kind: 'dense', units: 1, activation: 'sigmoid' },
      ],
      loss: 'binaryCrossentropy',
      optimizer: adam({ learningRate: LEARNING_RATE, epsilon: EPSILON }),
      slots: shape.batch,
    });
    reference.setWeights(before);
    const size = shape.batch * shape.steps * shape.features;
    const x = random.array(4 * size, 1);
    const y = Float32Array.from({ length: 4 * shape.batch }, () => random.uniform(0, 1));
    for (let batch = 0; batch < 4; batch++) {
      trainer.update(x, y, batch);
      const rows = [batch * shape.batch, (batch + 1) * shape.batch];
      reference.trainOnBatch(x.subarray(batch * size, (batch + 1) * size), y.subarray(rows[0], rows[1]));
    }
    const expected = reference.weights.map((weight) => Float32Array.from(weight));
    expect(agreement({ kind: 'train' }, weights, expected, before)).toMatchObject({ agrees: true });
  });

  test('gives the first row of a stack, as a stack of whole batches has it', () => {
    const work = { ...sequences('infer', 3, 5, 2, 7, 2), isLarge: true };
    const inputs = makeInputs(work, randomSeed());
    const stack = inputs.weights.map(({ data }) => data);
    const layer = (x: Float32Array, features: number, [kernel, recurrentKernel, bias]: Float32Array[]) =>
      recurrent({ cell: 'lstm' }, { ...shape, features }, { kernel, recurrentKernel, bias }, x);
    const below = layer(inputs.x(1), 2, stack);
    const above = layer(Float32Array.from(below.output), 7, stack.slice(3));
    expectClose(firstRow(work, inputs), above.last[0].slice(0, 7), { ...close, what: 'last h of the first row' });
  });

  // Both are compared to the bit, since a race is only one if all draw the same classes.
  test('draws the classes that sampleClass draws', () => {
    const random = rng(randomSeed());
    for (let step = 0; step < 3000; step++) {
      const weights = random.array(11, 1).map((value) => Math.exp(5 * value));
      const p = weights.map((value) => value / weights.reduce((sum, weight) => sum + weight));
      const seed = random.integer(0, 2 ** 31);
      const padded = Float32Array.from([0.5, ...p, 0.5]);
      const expected = sampleClass(p, { seed, step });
      expect(drawClass(padded, 1, 11, seed, step)).toBe(expected);
    }
  });

  test('turns rows of logits into probabilities', () => {
    const random = rng(randomSeed());
    const logits = random.array(3 * 5, 200);
    const actual = logits.slice();
    softmax(actual, 5);
    const exps = Array.from(logits, Math.exp);
    const expected = exps.map((value, n) => {
      const row = exps.slice(n - (n % 5), n - (n % 5) + 5);
      return value / row.reduce((sum, other) => sum + other);
    });
    expectClose(actual, expected, { ...close, what: 'probabilities' });
  });

  test('multiplies matrices', () => {
    const random = rng(randomSeed());
    const [a, b] = [random.array(5 * 7, 1), random.array(7 * 3, 1)];
    const out = new Float32Array(15).fill(NaN);
    product(out, a, b, 7, 3);
    expectClose(out, twin.product(a, b, 5, 7, 3), { ...close, what: 'product' });
  });
});
