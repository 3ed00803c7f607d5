import { describe, expect, test } from 'vitest';
import { bidirectional, dense, gru, lstm, masking, sgd, simpleRnn, ValueError } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { kerasRecurrents, specOf, weightsOf } from '../../../golden/keras-forward.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { array, setWeights } from '../builders/make-model.ts';
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

const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64, a few steps' };
const same = { atol: 1e-7, rtol: 0, reason: 'the same operations' };

/** What a masked step holds; no recorded input does. */
const MASKED = 77;

describe('returnState gives the states after the last step', () => {
  test.each(cases)('$name', async ({ spec: { cell, ...options }, masked }) => {
    const run = makeRun({ cell, ...options }, masked);
    const { x, initialState, twin } = run;
    const layer = make[cell]({ ...options, units: UNITS, returnState: true });
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers: [masking({ maskValue: PADDING }), layer] });
    await setWeights(model, run.weights);
    const { states } = await model.predict(x, { batchSize: ROWS, initialState });
    const { last } = twin();
    expect(states!.map(({ name }) => name)).toEqual(last.map((_, n) => `${cell}/${'hc'[n]}`));
    states!.forEach(({ shape, data }, n) => {
      expect(shape).toEqual([COUNT, UNITS]);
      expectClose(data, last[n], { ...close, what: `state ${n} in batches` });
    });
    const together = await model.predictOnBatch(x, { initialState });
    together.states!.forEach(({ data }, n) =>
      expectClose(data, last[n], { ...close, what: `state ${n} of one batch` }),
    );
  });

  test('where nothing but padding is left, the state stays what it was', async () => {
    const run = makeRun({ cell: 'lstm' });
    const layers = [lstm({ units: UNITS, returnState: true })];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers });
    const lengths = Array.from({ length: COUNT }, (_, n) => (n % 2 === 0 ? 0 : STEPS));
    const { initialState } = run;
    const { data, states } = await model.predict(run.x, { batchSize: ROWS, initialState, lengths });
    for (let n = 0; n < COUNT; n += 2) {
      const own = (values: Float32Array) => Array.from(values.subarray(n * UNITS, (n + 1) * UNITS));
      expect(states!.map((state) => own(state.data))).toEqual(initialState.map((state) => own(state.data)));
      expect(own(data)).toEqual([0, 0, 0, 0]);
    }
    expect(states![0].data.slice(UNITS, 2 * UNITS)).toEqual(data.slice(UNITS, 2 * UNITS));
  });

  test('of a bidirectional layer: forward h and c, then backward h and c', async () => {
    const run = makeRun({ cell: 'lstm' });
    const layer = lstm({ units: UNITS, returnState: true });
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers: [bidirectional(layer)] });
    const { data, states } = await model.predict(run.x, { batchSize: ROWS });
    expect(states!.map(({ name }) => name)).toEqual(
      ['forwardLstm/h', 'forwardLstm/c', 'backwardLstm/h', 'backwardLstm/c'].map((name) => `bidirectional/${name}`),
    );
    // Without sequences the output is the last h of both.
    const half = (n: number) => data.filter((_, index) => Math.floor((index % (2 * UNITS)) / UNITS) === n);
    expect([states![0].data, states![2].data]).toEqual([half(0), half(1)]);
  });

  test('of a stateful layer those that it keeps, and of the samples of the last batch', async () => {
    const run = makeRun({ cell: 'gru' });
    const layers = [gru({ units: UNITS, stateful: true, returnState: true })];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], batchSize: ROWS, layers });
    const { states } = await model.predict(run.x);
    const rest = COUNT % ROWS;
    const [{ data }] = await model.getStates({ slots: Array.from({ length: rest }, (_, row) => row) });
    expect(states![0].data.slice(-rest * UNITS)).toEqual(data);
  });

  test('of the layers that have it, and of no other', async () => {
    const run = makeRun({ cell: 'gru' });
    const layers = [
      gru({ units: 3, returnSequences: true }),
      lstm({ units: 2, returnSequences: true, returnState: true, name: 'encoder' }),
      simpleRnn({ units: 5 }),
      dense({ units: 1 }),
    ];
    const model = await modelOf({ inputShape: [STEPS, FEATURES], layers });
    const { states, shape } = await model.predict(run.x);
    expect(states!.map(({ name }) => name)).toEqual(['encoder/h', 'encoder/c']);
    expect(states!.map((state) => state.shape)).toEqual([
      [COUNT, 2],
      [COUNT, 2],
    ]);
    expect(shape).toEqual([COUNT, 1]);
    // Training takes no notice.
    model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
    await model.fit(run.x, array(new Float32Array(COUNT), [COUNT, 1]), { batchSize: ROWS });
    const plain = await modelOf({ inputShape: [STEPS, FEATURES], layers: [lstm({ units: 2 })] });
    expect(Object.keys(await plain.predict(run.x)).toSorted()).toEqual(['data', 'shape']);
  });

  test('but only for true', async () => {
    const layer = () => lstm({ units: 1, returnState: anything(1) });
    await expectError(layer, ValueError, ['lstm: returnState is 1, expected true or false']);
  });
});

describe('states given on: one prediction goes on where the other ended, as on the whole sequence', () => {
  test.each([
    ['lstm', lstm],
    ['gru', gru],
    ['simpleRnn', simpleRnn],
  ])('%s, two layers', async (name, layer) => {
    const { x, initialState } = makeRun({ cell: name as 'lstm' });
    const layers = [
      layer({ units: UNITS, returnSequences: true, returnState: true }),
      layer({ units: 3, returnState: true }),
    ];
    const model = await modelOf({ inputShape: [null, FEATURES], layers });
    const part = (first: number, end: number) => {
      const isIn = (n: number) => Math.floor(n / FEATURES) % STEPS >= first && Math.floor(n / FEATURES) % STEPS < end;
      const data = x.data.filter((_, n) => isIn(n));
      return array(data, [COUNT, end - first, FEATURES]);
    };
    const whole = await model.predict(x, { initialState: { [name]: initialState } });
    const first = await model.predict(part(0, 2), { batchSize: ROWS, initialState: { [name]: initialState } });
    const half = first.states!.length / 2;
    const states = { [name]: first.states!.slice(0, half), [`${name}_1`]: first.states!.slice(half) };
    const second = await model.predict(part(2, STEPS), { batchSize: ROWS, initialState: states });
    expectClose(second.data, whole.data, { ...same, what: 'outputs' });
    second.states!.forEach(({ data, name: state }, n) => {
      expectClose(data, whole.states![n].data, { ...same, what: state });
    });
    expect(first.data).not.toEqual(second.data);
  });
});

describe('as Keras, with its initial states', () => {
  test.each(kerasRecurrents)('$layer, $name', async (recorded) => {
    const { units, time, input_dim, return_sequences: returnSequences, use_bias: useBias } = recorded.config;
    const { cell, ...options } = specOf(recorded);
    const layer = make[cell]({ ...options, units, returnSequences, useBias, returnState: true });
    const model = await modelOf({ inputShape: [time, input_dim], layers: [masking({ maskValue: MASKED }), layer] });
    const weights = Object.values(weightsOf(recorded));
    await setWeights(model, useBias === false ? weights.slice(0, 2) : weights);
    const mask = recorded.mask?.data;
    const x = recorded.x.data.map((value, n) => (!mask || mask[Math.floor(n / input_dim)] ? value : MASKED));
    const initialState = recorded.initial_state?.map(({ data, shape }) => array(data, shape));
    const { data, states } = await model.predict(array(x, recorded.x.shape), { initialState });
    const recordedClose = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };
    expectRecorded(data, recorded.expected.output.data, { ...recordedClose, what: 'Keras, outputs' });
    recorded.expected.states.forEach((state, n) => {
      expectRecorded(states![n].data, state.data, { ...recordedClose, what: 'Keras, states' });
    });
    expect(states).toHaveLength(recorded.expected.states.length);
  });
});
