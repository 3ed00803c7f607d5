import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  dense,
  embedding,
  lstm,
  masking,
  sequential,
  ValueError,
  type ArrayInput,
  type FitOptions,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, weightsOf } from '../builders/make-model.ts';

const [COUNT, STEPS] = [5, 4];

async function makeModel(
  layers: SequentialOptions['layers'],
  inputShape: SequentialOptions['inputShape'] = [STEPS, 1],
) {
  const model = await sequential(gpu, { inputShape, layers, seed: 3 });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  return model;
}

const perStep = () => [lstm({ units: 3, returnSequences: true }), dense({ units: 1, activation: 'sigmoid' })];

/** Rows of a flat array. */
function rowsOf(data: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: data.length / size }, (_, n) => data.slice(n * size, (n + 1) * size));
}

test('flat arrays, typed rows and arrays without features train alike, in every call', async () => {
  const random = rng(randomSeed());
  const x = random.array(COUNT * STEPS, 1);
  const y = Float32Array.from({ length: COUNT * STEPS }, () => random.integer(0, 1));
  const weights = Float32Array.from({ length: COUNT * STEPS }, () => random.uniform(0, 2));
  const shape = [COUNT, STEPS, 1];
  const forms: ((data: Float32Array) => ArrayInput)[] = [
    (data) => array(data, shape),
    (data) => data,
    (data) => [...data],
    (data) => rowsOf(data, STEPS),
    (data) => ({ data, shape: Uint8Array.from(shape) }),
  ];
  const results = [];
  for (const form of forms) {
    const model = await makeModel(perStep());
    const [samples, targets, sampleWeight] = [form(x), form(y), form(weights)];
    const { history } = await model.fit(samples, targets, {
      batchSize: 2,
      sampleWeight,
      validationData: [samples, targets, sampleWeight],
    });
    const logs = [
      await model.trainOnBatch(samples, targets, { sampleWeight }),
      await model.testOnBatch(samples, targets),
      await model.evaluate(samples, targets, { sampleWeight }),
    ];
    const predictions = [await model.predict(samples), await model.predictOnBatch(samples)];
    results.push({ history, logs, predictions, weights: await weightsOf(model) });
  }
  for (const result of results.slice(1)) expect(result).toEqual(results[0]);
});

describe('sequences of different lengths', () => {
  const LENGTHS = [2, STEPS, 1, 3, STEPS];

  function makeData(lengths = LENGTHS, steps = STEPS) {
    const random = rng(randomSeed());
    const ragged = (make: () => number) => lengths.map((length) => Array.from({ length }, make));
    const padded = (rows: number[][]) =>
      array(rows.flatMap((row) => [...row, ...new Float32Array(steps - row.length)]), [COUNT, steps, 1]); // prettier-ignore
    const x = ragged(() => random.normal());
    const y = ragged(() => random.integer(0, 1));
    const sampleWeight = ragged(() => random.uniform(0, 2));
    return { x, y, sampleWeight, padded, random };
  }

  test.each([
    ['a model for any number of steps', null, LENGTHS],
    ['a model for as many steps as the longest has', STEPS, LENGTHS],
    ['a model for more steps than the longest has', STEPS + 2, LENGTHS],
    ['a model for more steps than all have', STEPS + 2, LENGTHS.map(() => 3)],
  ])('are padded and masked as lengths would mask them: %s', async (_what, steps, lengths) => {
    const { x, y, sampleWeight, padded } = makeData(lengths, steps ?? STEPS);
    const [one, other] = [await makeModel(perStep(), [steps, 1]), await makeModel(perStep(), [steps, 1])];
    const options: FitOptions = { batchSize: 2, epochs: 2, shuffle: false };
    const told = { lengths };
    const [px, py, pw] = [padded(x), padded(y), padded(sampleWeight)];
    expect(await one.fit(x, y, { ...options, sampleWeight, validationData: [x, y] })).toEqual(
      await other.fit(px, py, {
        ...options,
        ...told,
        sampleWeight: pw,
        validationData: [px, py],
        validationLengths: lengths,
      }),
    );
    expect(await weightsOf(one)).toEqual(await weightsOf(other));
    expect(await one.evaluate(x, y)).toEqual(await other.evaluate(px, py, told));
    expect(await one.predict(x)).toEqual(await other.predict(px, told));
    expect(await one.predictOnBatch(x)).toEqual(await other.predictOnBatch(px, told));
    expect(await one.trainOnBatch(x, y)).toEqual(await other.trainOnBatch(px, py, told));
    // Lengths that are given win, and targets may be ragged by them.
    const given = { lengths: lengths.map((length) => length - 1) };
    expect(await one.testOnBatch(x, y, given)).toEqual(await other.testOnBatch(px, py, given));
    expect(await one.testOnBatch(px, y, told)).toEqual(await other.testOnBatch(px, py, told));
    expect((await one.testOnBatch(x, y, given)).loss).not.toBe((await one.testOnBatch(x, y)).loss);
  });

  test('keep lengths that are given from counting their padding', async () => {
    const { x, y } = makeData();
    const model = await makeModel(perStep());
    const before = await weightsOf(model);
    const lengths = [STEPS, STEPS, 1, 4, STEPS];
    const says = 'lengths holds 4 at index 0, and sample 0 of x was given with 2 steps';
    await expectError(() => model.predict(x, { lengths }), ValueError, [`model.predict: ${says}`]);
    await expectError(() => model.predictOnBatch(x, { lengths }), ValueError, [`model.predictOnBatch: ${says}`]);
    await expectError(() => model.fit(x, y, { lengths }), ValueError, [`model.fit: ${says}`]);
    const validation = { validationData: [x, y] as const, validationLengths: lengths };
    await expectError(() => model.fit(x, y, validation), ValueError, [
      'model.fit: validationLengths holds 4 at index 0, and sample 0 of x',
    ]);
    expect(await weightsOf(model)).toEqual(before);
  });

  test('are padded with the value by which a masking layer, or an embedding, finds padding', async () => {
    const { x, y, random } = makeData();
    const masked = [masking({ maskValue: -9 }), ...perStep()];
    const [one, other] = [await makeModel(masked), await makeModel(perStep())];
    expect(await one.predict(x)).toEqual(await other.predict(x));
    expect(await one.trainOnBatch(x, y)).toEqual(await other.trainOnBatch(x, y));

    const layers = [embedding({ inputDim: 6, outputDim: 2, maskZero: true }), ...perStep()];
    const text = await makeModel(layers, [STEPS]);
    const indices = LENGTHS.map((length) => Array.from({ length }, () => random.integer(1, 5)));
    const padded = indices.map((row) => [...row, ...new Uint8Array(STEPS - row.length)]);
    expect(await text.predict(indices)).toEqual(await text.predict(padded));
  });
});
