import { describe, expect, onTestFailed, test } from 'vitest';
import { adam, trainMany, type CompileOptions, type Model } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { makeModel, makeSamples, weightsOf } from '../builders/make-model.ts';
import { SLOTS, nextPrediction, statefulModels } from '../builders/stateful-models.ts';

type Random = ReturnType<typeof rng>;
type Call = (model: Model) => unknown;

describe.each(statefulModels)('calls take effect in the order in which they are made, with %s:', (_name, spec) => {
  const batch = (random: Random) => makeSamples(random, spec, random.integer(1, SLOTS));
  const set = (random: Random) => makeSamples(random, spec, random.integer(1, 3 * SLOTS));
  const rows = (random: Random) => [0, 1, 2].filter(() => random.integer(0, 1) === 1);

  /** Every call of a model, with random arguments. */
  const calls: Record<string, (random: Random) => Call> = {
    trainOnBatch(random) {
      const { x, y } = batch(random);
      return (model) => model.trainOnBatch(x, y);
    },
    testOnBatch(random) {
      const { x, y } = batch(random);
      return (model) => model.testOnBatch(x, y);
    },
    predictOnBatch(random) {
      const { x } = batch(random);
      return (model) => model.predictOnBatch(x);
    },
    predict(random) {
      const { x } = set(random);
      return (model) => model.predict(x);
    },
    predictOfMoreRows(random) {
      const { x } = set(random);
      return (model) => model.predict(x, { batchSize: SLOTS + 2 });
    },
    evaluate(random) {
      const { x, y } = set(random);
      return (model) => model.evaluate(x, y);
    },
    resetStates: () => (model) => model.resetStates(),
    resetRows(random) {
      const some = rows(random);
      return (model) => model.resetStates(some);
    },
    getStates: () => (model) => model.getStates(),
    getWeights: () => (model) => model.getWeights(),
    setWeights(random) {
      const seed = random.integer(0, 1e6);
      return (model) => model.setWeights(shapesOf(model).map((shape) => numbers(rng(seed), shape)));
    },
    setStates(random) {
      const seed = random.integer(0, 1e6);
      const slots = [random.integer(0, SLOTS - 1)];
      const layer = spec.layers.find((other) => other.kind === 'lstm')!;
      const states = ['h', 'c'].map(() => numbers(rng(seed), [1, layer.units]));
      return (model) => model.setStates(states, { layer: 'lstm', slots });
    },
    compile(random) {
      const options = {
        optimizer: adam(),
        loss: 'binaryCrossentropy',
        metrics: [[], ['accuracy']][random.integer(0, 1)],
      };
      return (model) => model.compile(options as CompileOptions);
    },
    fit(random) {
      const { x, y } = set(random);
      return (model) => model.fit(x, y, { epochs: 2 });
    },
    trainMany(random) {
      const { x, y } = set(random);
      const canTrainTogether = spec.layers.length === 2;
      return (model) => (canTrainTogether ? trainMany([model], x, y) : model.fit(x, y));
    },
  };
  /** While they run, other calls are refused. */
  const runsToAwait = ['fit', 'trainMany'];

  const shapes = new WeakMap<Model, (readonly number[])[]>();
  const shapesOf = (model: Model) => shapes.get(model)!;
  async function freshModel(): Promise<Model> {
    const model = await makeModel(spec);
    shapes.set(
      model,
      (await model.getWeights()).map(({ shape }) => shape),
    );
    return model;
  }

  test.each(Array.from({ length: 12 }, (_, n) => n))('whether they are awaited or not (%i)', async () => {
    const random = rng(randomSeed());
    const names = Object.keys(calls);
    const drawn = Array.from({ length: 16 }, () => {
      const name = names[random.integer(0, names.length - 1)];
      return { name, call: calls[name](random), isAwaited: random.integer(0, 3) === 0 };
    });
    const list = drawn.map(({ name, isAwaited }) => `${name}${isAwaited ? ' (awaited)' : ''}`).join(', ');
    onTestFailed(() => console.error(list));
    const [inOrder, atOnce] = [await freshModel(), await freshModel()];

    const expected: unknown[] = [];
    for (const { call } of drawn) expected.push(await call(inOrder));

    const seen: unknown[] = [];
    for (const { name, call, isAwaited } of drawn) {
      const result = call(atOnce);
      seen.push(result);
      if (isAwaited || runsToAwait.includes(name)) await result;
    }
    expect(await Promise.all(seen)).toEqual(expected);
    expect(await weightsOf(atOnce)).toEqual(await weightsOf(inOrder));
    expect(await atOnce.getStates()).toEqual(await inOrder.getStates());
    expect(await nextPrediction(atOnce)).toEqual(await nextPrediction(inOrder));
  });

  test('resetStates behind a predict that nobody awaited comes after it, and before the next', async () => {
    const random = rng(randomSeed());
    const { x } = makeSamples(random, spec, 2 * SLOTS);
    const model = await makeModel(spec);
    const first = model.predict(x);
    model.resetStates();
    const second = model.predict(x);
    const third = model.predict(x);
    expect((await second).data).toEqual((await first).data);
    expect((await third).data).not.toEqual((await first).data);
  });

  test('resets and reads behind a fit that still waits for a predict come before its first batch', async () => {
    const random = rng(randomSeed());
    const { x, y } = makeSamples(random, spec, 2 * SLOTS);
    const [atOnce, inOrder] = [await makeModel(spec), await makeModel(spec)];
    const first = [atOnce.predict(x), atOnce.fit(x, y), atOnce.getWeights()];
    atOnce.resetStates();
    const states = atOnce.getStates();
    const [predicted, weights] = [await inOrder.predict(x), await inOrder.getWeights()];
    inOrder.resetStates();
    const read = await inOrder.getStates();
    expect(await Promise.all(first)).toEqual([predicted, await inOrder.fit(x, y), weights]);
    expect(await states).toEqual(read);
    expect(await weightsOf(atOnce)).toEqual(await weightsOf(inOrder));
    expect(await atOnce.getStates()).toEqual(await inOrder.getStates());
  });

  test('a reset, getStates and a batch: the states that are read are zero', async () => {
    const random = rng(randomSeed());
    const model = await makeModel(spec);
    const { x } = makeSamples(random, spec, SLOTS);
    await model.predictOnBatch(x);
    model.resetStates();
    const [states] = await Promise.all([model.getStates(), model.predictOnBatch(x)]);
    expect(states.every(({ data }) => data.every((value) => value === 0))).toBe(true);
  });
});

function numbers(random: Random, shape: readonly number[]) {
  return {
    shape,
    data: random.array(
      shape.reduce((product, size) => product * size, 1),
      0.3,
    ),
  };
}
