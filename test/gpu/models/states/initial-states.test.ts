import { describe, expect, test } from 'vitest';
import { bidirectional, dense, gru, lstm, masking, sgd, simpleRnn } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import type { rng } from '../../../harness/random.ts';
import { array, makePair, makeSamples, setWeights, weightsOf } from '../builders/make-model.ts';
import {
  cases,
  COUNT,
  FEATURES,
  make,
  makeRun,
  modelOf,
  PADDING,
  ROWS,
  STEPS,
  UNITS,
} from '../builders/recurrent-run.ts';
import { SLOTS, statefulModels } from '../builders/stateful-models.ts';

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64, a few steps' };

describe('each sample starts from its own row of the initial state', () => {
  test.each(cases)('$name', async ({ spec: { cell, ...options }, masked }) => {
    const run = makeRun({ cell, ...options }, masked);
    const layers = [masking({ maskValue: PADDING }), make[cell]({ ...options, units: UNITS, returnSequences: true })];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers });
    await setWeights(model, run.weights);
    const expected = run.twin().output;
    const { initialState } = run;
    const { data } = await model.predict(run.x, { batchSize: ROWS, initialState });
    expectClose(data, expected, { ...close, what: 'outputs in batches' });
    const together = await model.predictOnBatch(run.x, { initialState: { [cell]: initialState } });
    expectClose(together.data, expected, { ...close, what: 'outputs of one batch' });
    // Calls without one start from zero again.
    const zeros = initialState.map(({ shape }) => array(new Float32Array(COUNT * UNITS), shape));
    const without = await model.predict(run.x, { batchSize: ROWS });
    expect(without).toEqual(await model.predict(run.x, { batchSize: ROWS, initialState: zeros }));
    expect(without).not.toEqual(together);
  });

  test('of a bidirectional layer: forward h and c, then backward h and c', async () => {
    const [forward, backward] = [makeRun({ cell: 'lstm' }), makeRun({ cell: 'lstm' })];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers: [bidirectional(lstm({ units: UNITS }))] });
    const oneWay = await modelOf({ inputShape: [STEPS, FEATURES], layers: [lstm({ units: UNITS })] });
    const backwards = await modelOf({
      inputShape: [STEPS, FEATURES],
      layers: [lstm({ units: UNITS, goBackwards: true })],
    });
    await setWeights(model, [...forward.weights, ...backward.weights]);
    await setWeights(oneWay, forward.weights);
    await setWeights(backwards, backward.weights);
    const initialState = [...forward.initialState, ...backward.initialState];
    const { data } = await model.predict(forward.x, { batchSize: ROWS, initialState });
    const f = await oneWay.predict(forward.x, { initialState: forward.initialState });
    const b = await backwards.predict(forward.x, { initialState: backward.initialState });
    const half = (n: number) => data.filter((_, index) => Math.floor((index % (2 * UNITS)) / UNITS) === n);
    expectClose(half(0), f.data, { ...close, what: 'forward outputs' });
    expectClose(half(1), b.data, { ...close, what: 'backward outputs' });
  });

  test('whatever the order of the samples in fit', async () => {
    const run = makeRun({ cell: 'lstm' });
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers: [lstm({ units: UNITS })] });
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: 'meanSquaredError' });
    await setWeights(model, run.weights);
    const { initialState } = run;
    const targets = run.random.array(COUNT * UNITS, 1);
    const [h] = run.twin().last;
    const expected = h.reduce((sum, value, n) => sum + (value - targets[n]) ** 2 / targets.length, 0);
    const y = array(targets, [COUNT, UNITS]);
    const validationData = [run.x, y] as const;
    const fitted = await model.fit(run.x, y, { batchSize: ROWS, epochs: 3, initialState, validationData });
    expectClose(fitted.history.loss, [expected, expected, expected], { ...close, what: 'losses of epochs' });
    const { loss } = await model.evaluate(run.x, y, { batchSize: ROWS, initialState });
    expectClose([loss], [expected], { ...close, what: 'loss of evaluate' });
    // Validation has none.
    const fromZero = await model.evaluate(run.x, y, { batchSize: ROWS });
    expect(fitted.history.valLoss).toEqual([fromZero.loss, fromZero.loss, fromZero.loss]);
    expect(fromZero.loss).not.toBe(loss);
  });

  test('where only some layers are given one, the others start as they would without', async () => {
    const run = makeRun({ cell: 'lstm' });
    const layers = [gru({ units: 3, returnSequences: true }), lstm({ units: UNITS })];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers });
    const zeros = array(new Float32Array(COUNT * 3), [COUNT, 3]);
    const some = await model.predict(run.x, { initialState: { lstm: run.initialState } });
    expect(some).toEqual(await model.predict(run.x, { initialState: { gru: [zeros], lstm: run.initialState } }));
    const none = await model.predict(run.x);
    expect(some).not.toEqual(none);
    expect(await model.predict(run.x, { initialState: {} })).toEqual(none);
  });

  test('arrays may be used again as soon as a call on a single batch is made', async () => {
    const run = makeRun({ cell: 'simpleRnn' });
    const model = await modelOf({
      inputShape: [STEPS, FEATURES],
      layers: [simpleRnn({ units: 4 }), dense({ units: 1 })],
    });
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: 'meanSquaredError' });
    const y = array(new Float32Array(COUNT), [COUNT, 1]);
    const [state] = run.initialState;
    const expected = await model.testOnBatch(run.x, y, { initialState: [state] });
    const reused = array(state.data, state.shape);
    const call = model.trainOnBatch(run.x, y, { initialState: [reused] });
    reused.data.fill(5);
    expect(await call).toEqual(expected);
    expect(await model.testOnBatch(run.x, y, { initialState: [reused] })).not.toEqual(expected);
  });
});

test('steps masked before the first valid one give 0, not the initial state', async () => {
  const run = makeRun({ cell: 'lstm' });
  const layers = [masking({ maskValue: PADDING }), lstm({ units: UNITS, returnSequences: true })];
  const model = await modelOf({ inputShape: [STEPS, FEATURES], layers });
  await setWeights(model, run.weights);
  const { initialState, x } = run;
  const leading = 2;
  const padded = x.data.map((value, n) => (Math.floor(n / FEATURES) % STEPS < leading ? PADDING : value));
  const { data } = await model.predict(array(padded, x.shape), { initialState });
  const plain = await modelOf({
    inputShape: [null, FEATURES],
    layers: [lstm({ units: UNITS, returnSequences: true })],
  });
  await setWeights(plain, run.weights);
  const rest = x.data.filter((_, n) => Math.floor(n / FEATURES) % STEPS >= leading);
  const shorter = await plain.predict(array(rest, [COUNT, STEPS - leading, FEATURES]), { initialState });
  const isLeading = (n: number) => Math.floor(n / UNITS) % STEPS < leading;
  expect(data.filter((_, n) => isLeading(n)).every((value) => value === 0)).toBe(true);
  const valid = data.filter((_, n) => !isLeading(n));
  expectClose(valid, shorter.data, { atol: 1e-7, rtol: 0, what: 'valid steps', reason: 'the same operations' });
});

describe.each(statefulModels)('in %s', (_name, spec) => {
  /** States for some samples as the option takes them, and how the twin gets those of one batch. */
  const startOf = (random: ReturnType<typeof rng>, twin: Awaited<ReturnType<typeof makePair>>['twin'], batches = 1) => {
    const lists = twin.states.map((state) =>
      [state.h, state.c].map(({ length }) =>
        array(random.array(batches * length, 0.7), [batches * SLOTS, length / SLOTS]),
      ),
    );
    const apply = (batch = 0) =>
      twin.states.forEach((state, n) =>
        [state.h, state.c].forEach((values, k) => {
          values.set(lists[n][k].data.subarray(batch * values.length, (batch + 1) * values.length));
        }),
      );
    return { initialState: lists.length === 1 ? lists[0] : { lstm: lists[0], lstm_1: lists[1] }, apply };
  };

  test('an initial state wins over the stored one and over a reset, and the last state is stored', async () => {
    const { model, twin, random } = await makePair(spec);
    const batch = () => makeSamples(random, spec, SLOTS);
    const first = batch();
    await model.trainOnBatch(first.x, first.y);
    twin.trainOnBatch(first.x.data, first.y.data);
    for (const isReset of [false, true]) {
      const { initialState, apply } = startOf(random, twin);
      const [next, after] = [batch(), batch()];
      if (isReset) model.resetStates();
      const { loss } = await model.trainOnBatch(next.x, next.y, { initialState });
      apply();
      expectClose([loss], [twin.trainOnBatch(next.x.data, next.y.data).loss], { ...close, what: 'loss' });
      const states = (await model.getStates()).map(({ data }) => [...data]);
      const stored = twin.states.flatMap(({ h, c }) => [h, c].map((state) => [...state]));
      expectClose(states.flat(), stored.flat(), { ...close, what: 'stored states' });
      const went = await model.predictOnBatch(after.x);
      expectClose(went.data, twin.predictOnBatch(after.x.data), { ...close, what: 'the batch after it' });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, what: `weight ${n}, gradients of three steps` });
    });
  });

  test('every batch of fit starts from the rows of its samples', async () => {
    const { model, twin, random } = await makePair(spec);
    const { x, y } = makeSamples(random, spec, 2 * SLOTS);
    const { initialState, apply } = startOf(random, twin, 2);
    const { history } = await model.fit(x, y, { initialState });
    const losses = [0, 1].map((batch) => {
      apply(batch);
      const part = ({ data }: typeof x) => data.slice((batch * data.length) / 2, ((batch + 1) * data.length) / 2);
      return twin.trainOnBatch(part(x), part(y)).loss;
    });
    expectClose(history.loss, [(losses[0] + losses[1]) / 2], { ...close, what: 'loss' });
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, what: `weight ${n}` });
    });
  });
});
