import { describe, expect, test } from 'vitest';
import { trainMany, ValueError } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { rowsOf } from '../builders/batches.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';
import { SLOTS, expectSame, statefulModels } from '../builders/stateful-models.ts';

const stateless: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };
const all = [...statefulModels, ['a stateless model', stateless] as const];
type Numbers = ReturnType<typeof array>;

const halves = (numbers: Numbers, at: number) => [rowsOf(numbers, 0, at), rowsOf(numbers, at)] as const;

describe.each(all)('validationSplit, of %s,', (_name, spec) => {
  async function split() {
    const random = rng(randomSeed());
    const samples = random.integer(5 * SLOTS, 8 * SLOTS);
    const validationSplit = random.uniform(0.2, 0.6);
    const at = Math.floor(samples * (1 - validationSplit));
    const { x, y } = makeSamples(random, spec, samples);
    const [[x1, x2], [y1, y2]] = [halves(x, at), halves(y, at)];
    const models = [await makeModel(spec), await makeModel(spec)] as const;
    return { random, samples, validationSplit, at, x, y, x1, x2, y1, y2, models };
  }

  test('is validation on the last samples and training on the others', async () => {
    const { validationSplit, x, y, x1, x2, y1, y2, models } = await split();
    const [model, byHand] = models;
    const seen = await model.fit(x, y, { epochs: 3, validationSplit });
    expect(seen).toEqual(await byHand.fit(x1, y1, { epochs: 3, validationData: [x2, y2] }));
    expect(Object.keys(seen.history)).toContain('valLoss');
    await expectSame(model, byHand);
  });

  test('splits weights and lengths too', async () => {
    const { random, samples, validationSplit, at, x, y, x1, x2, y1, y2, models } = await split();
    const [model, byHand] = models;
    const sampleWeight = array(random.array(samples, 1).map(Math.abs), [samples]);
    const lengths = array(
      Array.from({ length: samples }, () => random.integer(1, 4)),
      [samples],
    );
    const [[w1, w2], [l1, l2]] = [halves(sampleWeight, at), halves(lengths, at)];
    const seen = await model.fit(x, y, { validationSplit, sampleWeight, lengths });
    const options = { sampleWeight: w1, lengths: l1, validationData: [x2, y2, w2] as const, validationLengths: l2 };
    expect(seen).toEqual(await byHand.fit(x1, y1, options));
    await expectSame(model, byHand);
  });

  test('weighs classes in training alone', async () => {
    const { validationSplit, x, y, x1, x2, y1, y2, models } = await split();
    const [model, byHand] = models;
    const classWeight = { 0: 0.5, 1: 2 };
    const seen = await model.fit(x, y, { validationSplit, classWeight });
    expect(seen).toEqual(await byHand.fit(x1, y1, { classWeight, validationData: [x2, y2] }));
  });

  test('gives way to validationData', async () => {
    const { validationSplit, x, y, x2, y2, models } = await split();
    const [model, byHand] = models;
    const seen = await model.fit(x, y, { validationSplit, validationData: [x2, y2] });
    expect(seen).toEqual(await byHand.fit(x, y, { validationData: [x2, y2] }));
    await expectSame(model, byHand);
  });

  test.each([1e-20, 0.999])('of %s gives way to validationData too, though it could not split', async (none) => {
    const { x2, y2, models } = await split();
    const [model, byHand] = models;
    const seen = await model.fit(x2, y2, { validationSplit: none, validationData: [x2, y2] });
    expect(seen).toEqual(await byHand.fit(x2, y2, { validationData: [x2, y2] }));
    const says = ['model.fit: validationSplit is 7, expected a number from 0'];
    await expectError(() => model.fit(x2, y2, { validationSplit: 7, validationData: [x2, y2] }), ValueError, says);
  });

  test('of 0 is none', async () => {
    const { x, y, models } = await split();
    const [model, plain] = models;
    expect(await model.fit(x, y, { validationSplit: 0 })).toEqual(await plain.fit(x, y));
  });
});

describe.each(statefulModels)('validationSplit and states, of %s:', (_name, spec) => {
  const samples = 8 * SLOTS;
  const at = 4 * SLOTS;
  const validationSplit = 0.5;

  test.each([
    ['samples', [samples]],
    ['steps', [samples, 4]],
  ])('a mask of %s resets in both parts', async (_what, shape) => {
    const random = rng(randomSeed());
    const { x, y } = makeSamples(random, spec, samples);
    const size = shape.reduce((product, length) => product * length, 1);
    const mask = array(
      Array.from({ length: size }, () => random.integer(0, 1)),
      shape,
    );
    // Without a mark behind the first batch there would be nothing to reset.
    mask.data[size - 1] = 1;
    const [model, byHand, unmasked] = [await makeModel(spec), await makeModel(spec), await makeModel(spec)];
    const [[x1, x2], [y1, y2], [m1, m2]] = [halves(x, at), halves(y, at), halves(mask, at)];
    const { history } = await model.fit(x, y, { validationSplit, resetStates: mask });
    const trained = await byHand.fit(x1, y1, { resetStates: m1 });
    await expectSame(model, byHand);
    byHand.resetStates();
    const tested = await byHand.evaluate(x2, y2, { resetStates: m2 });
    expect(history).toEqual({ ...trained.history, valLoss: [tested.loss], valAccuracy: [tested.accuracy] });
    await unmasked.fit(x1, y1, { resetStates: m1 });
    unmasked.resetStates();
    expect((await unmasked.evaluate(x2, y2)).loss).not.toBe(tested.loss);
  });

  test('validation starts from its own part of initial states', async () => {
    const random = rng(randomSeed());
    const { x, y } = makeSamples(random, spec, samples);
    const { units } = spec.layers[0] as { units: number };
    const states = ['h', 'c'].map(() => array(random.array(samples * units, 0.5), [samples, units]));
    const [model, byHand] = [await makeModel(spec), await makeModel(spec)];
    const [[x1, x2], [y1, y2]] = [halves(x, at), halves(y, at)];
    const stateOf = (first: number, end?: number) => ({
      lstm: states.map((state) => rowsOf(state, first, end)),
    });
    const { history } = await model.fit(x, y, { validationSplit, initialState: stateOf(0) });
    await byHand.fit(x1, y1, { initialState: stateOf(0, at) });
    await expectSame(model, byHand);
    byHand.resetStates();
    expect(history.valLoss).toEqual([(await byHand.evaluate(x2, y2, { initialState: stateOf(at) })).loss]);
  });
});

test('trainMany splits as fit does', async () => {
  const [, spec] = statefulModels[1];
  const { x, y } = makeSamples(rng(randomSeed()), spec, 5 * SLOTS);
  const options = { epochs: 4, initialEpoch: 2, validationSplit: 0.3 };
  const [one, two] = [await makeModel(spec), await makeModel({ ...spec, seed: 8 })];
  const seen = await trainMany([one, two], x, y, options);
  const [alone, alike] = [await makeModel(spec), await makeModel({ ...spec, seed: 8 })];
  expect(seen).toEqual([await alone.fit(x, y, options), await alike.fit(x, y, options)]);
  expect(await weightsOf(one)).toEqual(await weightsOf(alone));
});

describe('a validationSplit that cannot be', () => {
  const { x, y } = makeSamples(rng(2), stateless, 5);
  test.each([
    [1, ['validationSplit is 1, expected a number from 0']],
    [-0.1, ['validationSplit is -0.1, expected a number from 0']],
    [NaN, ['validationSplit is NaN, expected a number from 0']],
    [0.9, ['validationSplit is 0.9, which leaves none of 5 samples to train on', 'validationData']],
    [1e-20, ['which leaves none of 5 samples to test on']],
  ])('%s', async (validationSplit, says) => {
    const model = await makeModel(stateless);
    await expectError(() => model.fit(x, y, { validationSplit }), ValueError, ['model.fit', ...says]);
  });
});
