import { expect, test } from 'vitest';
import { ShapeError, type FitOptions } from '../../../../src/index.ts';
import { statefulBatches } from '../../../../src/preprocessing/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { LayerSpec } from '../../../reference/reference-model.ts';
import { expectError } from '../builders/expect-error.ts';
import { makeModel, weightsOf, setWeights } from '../builders/make-model.ts';

const layers = (stateful: boolean): LayerSpec[] => [
  { kind: 'lstm', units: 5, stateful, returnSequences: true },
  { kind: 'dense', units: 1, activation: 'sigmoid' },
];

test('a stateful model that fits windows of statefulBatches sees each sequence as one that is whole', async () => {
  const random = rng(randomSeed());
  const [STEPS, ROWS, WINDOW] = [12, 3, 4];
  const sequences = Array.from({ length: 2 * ROWS }, () =>
    Array.from({ length: STEPS }, () => Array.from(random.array(2, 2))),
  );
  const targets = sequences.map((sequence) => sequence.map(() => random.integer(0, 1)));
  const { x, y, ...order } = statefulBatches(sequences, { batchSize: ROWS, timesteps: WINDOW, targets });

  const whole = await makeModel({ inputShape: [STEPS, 2], layers: layers(false) });
  const { loss } = await whole.evaluate(sequences, targets);
  // So slow that the weights stay what they are.
  const optimizer = { kind: 'sgd', learningRate: 1e-30 } as const;
  const parts = await makeModel({ inputShape: [WINDOW, 2], layers: layers(true), batchSize: ROWS, optimizer });
  await setWeights(parts, await weightsOf(whole));
  const close = { atol: 1e-6, rtol: 1e-6, what: 'loss', reason: 'sums of 72 float32 numbers in another order' };
  const fitted = await parts.fit(x, y, { ...order, epochs: 2 });
  expectClose(fitted.history.loss, [loss, loss], close);

  // Without the resets a sequence goes on from the one before it, which each of its states shows, and the mean loss may not.
  const statesAfter = async (options: FitOptions) => {
    parts.resetStates();
    await parts.fit(x, y, options);
    return (await parts.getStates()).flatMap(({ data }) => Array.from(data));
  };
  const [reset, carried] = [await statesAfter(order), await statesAfter({})];
  const differences = reset.map((state, n) => Math.abs(state - carried[n]));
  expect(Math.max(...differences)).toBeGreaterThan(1e-4);
});

test('a model that keeps fewer states than a batch has rows refuses it, and one that keeps more trains alike', async () => {
  const random = rng(randomSeed());
  const sequences = Array.from({ length: 8 }, () => Array.from({ length: 9 }, () => Array.from(random.array(2, 2))));
  const targets = sequences.map((sequence) => sequence.map(() => random.integer(0, 1)));
  const { x, y, ...order } = statefulBatches(sequences, { batchSize: 4, timesteps: 3, targets });
  const makeWith = (batchSize: number) => makeModel({ inputShape: [3, 2], layers: layers(true), batchSize });
  const [same, larger, smaller] = [await makeWith(4), await makeWith(8), await makeWith(2)];
  expect(await larger.fit(x, y, { ...order, epochs: 2 })).toEqual(await same.fit(x, y, { ...order, epochs: 2 }));
  await expectError(() => smaller.fit(x, y, { ...order }), ShapeError, [
    'model.fit: a batch of 4 rows, but this stateful model keeps 2 states',
  ]);
});
