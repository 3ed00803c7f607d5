import { describe, expect, test } from 'vitest';
import { BusyError, type Model } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { expectError } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, type ModelSpec } from '../builders/make-model.ts';
import { nextPrediction, statefulModels } from '../builders/stateful-models.ts';

const stateless: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };
type Samples = ReturnType<typeof makeSamples>;
type Call = (model: Model, samples: Samples) => Promise<unknown>;

const calls: Record<string, Call> = {
  evaluate: (model, { x, y }) => model.evaluate(x, y),
  predict: (model, { x }) => model.predict(x),
};
const pairs = Object.keys(calls).flatMap((first) => Object.keys(calls).map((second) => [first, second] as const));

describe.each([...statefulModels, ['a stateless model', stateless] as const])('of %s,', (_name, spec) => {
  test.each(pairs)('%s and %s at once give what they give one after the other', async (first, second) => {
    const random = rng(randomSeed());
    const [one, other] = [makeSamples(random, spec, 7), makeSamples(random, spec, 5)];
    const [atOnce, inTurn] = [await makeModel(spec), await makeModel(spec)];
    const seen = await Promise.all([calls[first](atOnce, one), calls[second](atOnce, other)]);
    expect(seen).toEqual([await calls[first](inTurn, one), await calls[second](inTurn, other)]);
    expect(await nextPrediction(atOnce)).toEqual(await nextPrediction(inTurn));
  });
});

describe('beside an evaluate whose asynchronous callback has not returned', () => {
  /** Evaluates with a callback that is under way when `act` is called, and ends when what `act` returns has settled. */
  async function evaluateAround(model: Model, { x, y }: Samples, act: () => unknown, behind?: () => unknown) {
    const onTestBegin = async () => {
      await Promise.resolve();
      await act();
    };
    const evaluated = model.evaluate(x, y, { callbacks: [{ onTestBegin }] });
    behind?.();
    return evaluated;
  }

  test.each(Object.keys(calls))('%s of a stateless model neither waits for it nor is refused', async (name) => {
    const random = rng(randomSeed());
    const [one, other] = [makeSamples(random, stateless, 40), makeSamples(random, stateless, 5)];
    const [model, plain] = [await makeModel(stateless), await makeModel(stateless)];
    let seen: unknown;
    const evaluated = await evaluateAround(model, one, async () => {
      seen = await calls[name](model, other);
    });
    expect([evaluated, seen]).toEqual([await plain.evaluate(one.x, one.y), await calls[name](plain, other)]);
  });

  test.each(Object.keys(calls))('%s is refused if other weights wait for their turn', async (name) => {
    const samples = makeSamples(rng(randomSeed()), stateless, 5);
    const model = await makeModel(stateless);
    const weights = await model.getWeights();
    const errors: unknown[] = [];
    const act = () => calls[name](model, samples).catch((error: unknown) => errors.push(error));
    await evaluateAround(model, samples, act, () => model.setWeights(weights));
    expect(errors).toEqual([expect.any(BusyError)]);
  });
});

describe('beside a fit the refusal says what can be done instead:', () => {
  const samples = makeSamples(rng(1), stateless, 5);
  const instead: [name: string, call: (model: Model) => unknown, advice: string][] = [
    ['predict', (model) => model.predict(samples.x), 'model.predict(x)'],
    ['predictOnBatch', (model) => model.predictOnBatch(samples.x), 'model.predict(x)'],
    ['evaluate', (model) => model.evaluate(samples.x, samples.y), 'model.evaluate(x, y)'],
    ['testOnBatch', (model) => model.testOnBatch(samples.x, samples.y), 'model.evaluate(x, y)'],
    ['setWeights', (model) => model.setWeights([]), 'model.setWeights(weights)'],
    ['setStates', (model) => model.setStates([]), 'model.setStates(states)'],
  ];
  test.each(instead)('%s', async (name, call, advice) => {
    const model = await makeModel(stateless);
    const running = model.fit(samples.x, samples.y);
    const says = [`model.${name}: model.fit is still running`, 'Await it first', 'last argument', `=> ${advice}.`];
    await expectError(() => call(model), BusyError, says);
    await running;
  });

  test('fit, which no callback can do', async () => {
    const model = await makeModel(stateless);
    const running = model.fit(samples.x, samples.y);
    const says = 'model.fit: model.fit is still running on this model. Await it first; to end it early, set';
    await expectError(() => model.fit(samples.x, samples.y), BusyError, [says]);
    await expect(model.fit(samples.x, samples.y)).rejects.not.toThrow('callback');
    await running;
  });
});
