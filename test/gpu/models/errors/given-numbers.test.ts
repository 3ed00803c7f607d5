import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError, type Weight } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { anything, expectError, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS } from '../builders/stateful-models.ts';

const spec: ModelSpec = { inputShape: [4, 2], batchSize: SLOTS, layers: lstmAndHead(5, true) };

describe('weights and states are taken in every form, and land where they belong', () => {
  const kinds = [Float64Array, Int32Array, Int8Array, BigInt64Array, Array] as const;

  test.each(kinds.map((kind) => [kind.name, kind] as const))('weights as %s', async (_name, kind) => {
    const random = rng(randomSeed());
    const model = await makeModel(spec);
    const shapes = (await model.getWeights()).map(({ shape }) => shape);
    const numbers = shapes.map((shape) => Array.from({ length: sizeOf(shape) }, () => random.integer(-100, 100)));
    const given = numbers.map((list, n) => ({
      shape: shapes[n],
      data: kind === BigInt64Array ? BigInt64Array.from(list.map(BigInt)) : (kind as typeof Array).from(list),
    }));
    model.setWeights(anything(given));
    expect(await weightsOf(model)).toEqual(numbers.map((list) => Float32Array.from(list)));
  });

  test('weights out of JSON, nested, without shapes', async () => {
    const [model, other] = [await makeModel(spec), await makeModel({ ...spec, seed: 8 })];
    const weights = await model.getWeights();
    const nested = weights.map(({ data, shape }) =>
      shape.length === 1
        ? [...data]
        : Array.from({ length: shape[0] }, (_, row) => [...data.subarray(row * shape[1], (row + 1) * shape[1])]),
    );
    other.setWeights(JSON.parse(JSON.stringify(nested)) as never);
    expect(await weightsOf(other)).toEqual(await weightsOf(model));
  });

  test('a state of one slot leaves the others alone, whatever its kind', async () => {
    const model = await makeModel(spec);
    const { x } = makeSamples(rng(randomSeed()), spec, SLOTS);
    await model.predictOnBatch(x);
    const before = await model.getStates({ slots: [1, 2] });
    const given = Float64Array.from({ length: 5 }, (_, n) => -0.0154 * n);
    model.setStates([{ shape: [1, 5], data: given }, [[1, 2, 3, 4, 5]]], { slots: [0] });
    expect(await model.getStates({ slots: [1, 2] })).toEqual(before);
    const [h, c] = await model.getStates({ slots: [0] });
    expect([h.data, c.data]).toEqual([Float32Array.from(given), Float32Array.of(1, 2, 3, 4, 5)]);
  });

  test('what a model gave out it takes again, also NaN and Infinity', async () => {
    const model = await makeModel(spec);
    const weights = (await model.getWeights()).map((weight, n) => ({
      ...weight,
      data: weight.data.map((value, index) => (index === 0 ? [NaN, Infinity, -Infinity][n % 3] : value)),
    }));
    model.setWeights(weights);
    expect(await model.getWeights()).toEqual(weights);
    model.setWeights(await model.getWeights());
    expect(await model.getWeights()).toEqual(weights);
    const states = (await model.getStates()).map((state) => ({ ...state, data: state.data.fill(NaN) }));
    model.setStates(states);
    expect(await model.getStates()).toEqual(states);
  });

  const refusals: [what: string, change: (weights: Weight[]) => unknown, error: typeof ValueError, says: string[]][] = [
    [
      'names that are swapped',
      ([a, b, ...rest]) => [{ ...a, name: b.name }, { ...b, name: a.name }, ...rest],
      ValueError,
      ['weight 0 is named', 'expected "lstm/kernel"'],
    ],
    [
      'a missing value in the last weight',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: [null] }],
      ValueError,
      ['dense/bias', 'holds null', 'null'],
    ],
    [
      'twice the numbers in the last weight',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: new Float32Array(2) }],
      ShapeError,
      ['dense/bias', '2 numbers'],
    ],
    ['undefined', () => undefined, ShapeError, ['got undefined', 'expected a list of 5 weights']],
    ['an undefined weight', (all) => [...all.slice(0, -1), undefined], ShapeError, ['dense/bias', 'undefined']],
    [
      'a typed array that went through JSON',
      (all) => all.map((weight) => JSON.parse(JSON.stringify(weight)) as unknown),
      ShapeError,
      ['lstm/kernel', 'Array.from'],
    ],
    [
      'a number too large for float32',
      (all) => [...all.slice(0, -1), { ...all.at(-1)!, data: [1e39] }],
      ValueError,
      ['1e+39', 'float32'],
    ],
  ];
  test.each(refusals)('refused, and nothing is changed: %s', async (_what, change, error, says) => {
    const model = await makeModel(spec);
    const before = await model.getWeights();
    const other = before.map((weight) => ({ ...weight, data: weight.data.map((value) => value + 1) }));
    await expectError(() => model.setWeights(anything(change(other))), error, ['model.setWeights', ...says]);
    expect(await model.getWeights()).toEqual(before);
    await model.fit(ramp(3, 4, 2), ramp(3, 1), {
      callbacks: [
        {
          onTrainBegin: (inside) =>
            expectError(() => inside.setWeights(anything(change(other))), error, ['model.setWeights', ...says]),
        },
      ],
    });
  });

  test('states of the wrong name or with a missing value are refused before any is written', async () => {
    const model = await makeModel(spec);
    await model.predictOnBatch(ramp(3, 4, 2));
    const before = await model.getStates();
    const [h, c] = before.map((state) => ({ ...state, data: state.data.map(() => 1) }));
    await expectError(() => model.setStates([c, h]), ValueError, ['state 0 is named "lstm/c"', 'expected "lstm/h"']);
    const holed = { ...c, data: anything([null, ...c.data.subarray(1)]) };
    await expectError(() => model.setStates([h, holed]), ValueError, ['lstm/c', 'holds null']);
    expect(await model.getStates()).toEqual(before);
  });
});

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
