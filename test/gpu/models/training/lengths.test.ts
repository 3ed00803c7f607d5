import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  bidirectional,
  dense,
  lstm,
  masking,
  sequential,
  ShapeError,
  ValueError,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const [COUNT, STEPS, FEATURES] = [7, 6, 2];
const PADDING = -9;

/** The same network, told of padding by a masking layer or by lengths. */
async function makeModel(hasMasking: boolean, isSequence: boolean) {
  const layers = [
    ...(hasMasking ? [masking({ maskValue: PADDING })] : []),
    bidirectional(lstm({ units: 4, returnSequences: true })),
    lstm({ units: 3, returnSequences: isSequence }),
    dense({ units: 1, activation: 'sigmoid' }),
  ];
  const model = await sequential(gpu, { inputShape: [STEPS, FEATURES], layers, seed: 5 });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy', metrics: ['mae'] });
  return model;
}

function makeData(isSequence: boolean) {
  const random = rng(randomSeed());
  const lengths = [STEPS, 1, 3, STEPS, 2, 5, 4];
  const x = random.array(COUNT * STEPS * FEATURES, 1);
  const padded = x.map((value, n) => {
    const [sample, step] = [Math.floor(n / FEATURES / STEPS), Math.floor(n / FEATURES) % STEPS];
    return step < lengths[sample] ? value : PADDING;
  });
  const shape = isSequence ? [COUNT, STEPS, 1] : [COUNT, 1];
  const targets = Array.from({ length: COUNT * (isSequence ? STEPS : 1) }, () => random.integer(0, 1));
  return {
    lengths,
    x: array(x, [COUNT, STEPS, FEATURES]),
    padded: array(padded, [COUNT, STEPS, FEATURES]),
    y: array(targets, shape),
  };
}

const close = { atol: 1e-6, rtol: 1e-6, reason: 'the same arithmetic, but for the order of some sums' };

describe.each([
  ['the last valid step', false],
  ['every step', true],
])('lengths, with an output for %s, do what a masking layer does:', (_what, isSequence) => {
  test('training, validation, evaluation and prediction', async () => {
    const { lengths, x, padded, y } = makeData(isSequence);
    const [told, masked] = [await makeModel(false, isSequence), await makeModel(true, isSequence)];
    await setWeights(told, await weightsOf(masked));
    const options = { batchSize: 3, epochs: 3, shuffle: false } as const;
    const validation = { lengths, validationLengths: lengths, validationData: [x, y] as const };
    const one = await told.fit(x, y, { ...options, ...validation });
    const other = await masked.fit(padded, y, { ...options, validationData: [padded, y] });
    for (const [name, values] of Object.entries(other.history)) {
      expectClose(one.history[name], values, { ...close, what: name });
    }
    const weights = await weightsOf(masked);
    (await weightsOf(told)).forEach((found, n) =>
      expectClose(found, weights[n], { ...close, atol: 1e-5, what: `weight ${n}` }),
    );

    const [a, b] = [await told.evaluate(x, y, { lengths }), await masked.evaluate(padded, y)];
    expectClose([a.loss, a.mae], [b.loss, b.mae], { ...close, atol: 5e-6, what: 'evaluation' });
    const predicted = await told.predict(x, { lengths, batchSize: 4 });
    expectClose(predicted.data, (await masked.predict(padded)).data, { ...close, atol: 5e-6, what: 'prediction' });
    const onBatch = await told.predictOnBatch(x, { lengths });
    expectClose(onBatch.data, predicted.data, { ...close, what: 'prediction on one batch' });
  });

  test('training and testing on single batches, weighted too', async () => {
    const { lengths, x, padded, y } = makeData(isSequence);
    const [told, masked] = [await makeModel(false, isSequence), await makeModel(true, isSequence)];
    await setWeights(told, await weightsOf(masked));
    const sampleWeight = lengths.map((length) => length / 2);
    // Side by side with other batches, each must find its own weights and lengths.
    const results = [
      told.trainOnBatch(x, y, { lengths, sampleWeight }),
      told.trainOnBatch(x, y),
      told.testOnBatch(x, y, { lengths }),
    ];
    const expected = [
      await masked.trainOnBatch(padded, y, { sampleWeight }),
      await masked.trainOnBatch(x, y),
      await masked.testOnBatch(padded, y),
    ];
    const losses = (await Promise.all(results)).map(({ loss }) => loss);
    expectClose(
      losses,
      expected.map(({ loss }) => loss),
      { ...close, atol: 5e-6, what: 'losses' },
    );
    await expectError(() => told.trainOnBatch(x, y, { lengths: [1] }), ShapeError, ['model.trainOnBatch: lengths']);
  });

  test('what stands in the padding touches nothing', async () => {
    const { lengths, x, padded, y } = makeData(isSequence);
    const [one, other] = [await makeModel(false, isSequence), await makeModel(false, isSequence)];
    await one.fit(x, y, { lengths, shuffle: false });
    await other.fit(padded, y, { lengths, shuffle: false });
    expect(await weightsOf(one)).toEqual(await weightsOf(other));
  });
});

test('lengths that cannot be are refused', async () => {
  const model = await makeModel(false, false);
  const { x, y } = makeData(false);
  const before = await weightsOf(model);
  await expectError(() => model.fit(x, y, { lengths: [1, 2] }), ShapeError, [
    'model.fit: lengths has shape [2], expected [samples = 7]',
  ]);
  const long = [1, 2, 3, STEPS + 1, 1, 1, 1];
  await expectError(() => model.predict(x, { lengths: long }), ValueError, [
    'model.predict: lengths holds 7 at index 3',
    '0 to 6',
  ]);
  await expectError(() => model.evaluate(x, y, { lengths: long.map((n) => n / 2) }), ValueError, [
    'holds 0.5 at index 0',
  ]);
  expect(await weightsOf(model)).toEqual(before);
  const masked = await makeModel(true, false);
  const says = ['lengths tells what is padding, and masking finds it out by itself', 'Leave out one'];
  await expectError(() => masked.fit(x, y, { lengths: [1, 2, 3, 4, 5, 6, 1] }), ValueError, says);
  await expectError(() => masked.predict(x, { lengths: [1, 2, 3, 4, 5, 6, 1] }), ValueError, says);
});
