import { expect, test } from 'vitest';
import { readRecord, writeRecord } from '../../demo/network/recorded-weights.ts';
import { step, zeroState, type State } from '../../demo/network/step.ts';
import { weightsOf } from '../../demo/network/weights.ts';
import { kerasWeights, torchLstms } from '../golden/torch-lstm.ts';
import { expectClose } from '../harness/expect-close.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { denseForward } from '../reference/dense.ts';
import { recurrent } from '../reference/recurrent.ts';

const UNITS = 10;
const STEPS = 20;

/** All steps over the numbers `x`, one after the other. */
function walk(weights: ReturnType<typeof weightsOf>, x: ArrayLike<number>, from: State = zeroState(UNITS)) {
  let state = from;
  return Array.from(x, (number) => (state = step(weights, number, state)));
}

test('steps of the pictures are those of the float64 twin: states, gates and answer', () => {
  const draw = rng(randomSeed());
  const numbers = draw.array(491, 0.7);
  const x = draw.array(STEPS, 1);
  const weights = weightsOf(numbers);
  const shape = { batch: 1, steps: STEPS, features: 1, units: UNITS };
  const twin = recurrent({ cell: 'lstm' }, shape, { ...weights }, x);
  const head = { kernel: weights.headKernel, bias: weights.headBias };
  const { y } = denseForward({ rows: STEPS, features: UNITS, units: 1 }, head, twin.output, 'sigmoid');

  const walked = walk(weights, x);
  const exact = { atol: 1e-12, rtol: 0, reason: 'both are float64' };
  expectClose(
    walked.flatMap(({ h }) => [...h]),
    twin.output,
    { ...exact, what: 'h' },
  );
  expectClose(
    walked.flatMap(({ c }) => [...c]),
    twin.states[1].slice(UNITS),
    { ...exact, what: 'c' },
  );
  expectClose(
    walked.flatMap(({ i, f, g, o }) => [...i, ...f, ...g, ...o]),
    twin.gates,
    { ...exact, what: 'gates' },
  );
  expectClose(
    walked.map(({ p }) => p),
    y,
    { ...exact, what: 'p' },
  );
});

test('steps of the pictures give what PyTorch recorded', () => {
  const { params, x, h0, c0, expected } = torchLstms.find(({ name }) => name === 'post_i1_h10_b1_t20')!;
  const weights = { ...kerasWeights(params, 0), headKernel: new Float64Array(UNITS), headBias: [0] };
  const from = { h: Float64Array.from(h0.data), c: Float64Array.from(c0.data) };
  const walked = walk(weights, x.data, from);
  expectClose(
    walked.flatMap(({ h }) => [...h]),
    expected.out.data,
    { atol: 5e-7, rtol: 0, what: 'h', reason: 'recorded in float32, which was up to 4e-7 off' },
  );
});

test('weights are laid out as getWeights gives them, and other numbers of them are refused', () => {
  const weights = weightsOf(Float32Array.from({ length: 491 }, (_, index) => index));
  expect([weights.kernel[0], weights.recurrentKernel[0], weights.bias[0]]).toEqual([0, 40, 440]);
  expect([...Array.from(weights.headKernel), ...Array.from(weights.headBias)].at(0)).toBe(480);
  expect(weights.headBias[0]).toBe(490);
  expect(() => weightsOf(new Float32Array(490))).toThrow(RangeError);
});

test('recorded weights come back as they were, but for what no picture shows', () => {
  const draw = rng(randomSeed());
  const trained = [0, 20, 60].map((seen) => ({ seen, numbers: [...draw.array(491, 1)] }));
  const record = readRecord(writeRecord(trained));
  expect(record.map(({ seen }) => seen)).toEqual([0, 20, 60]);
  const rounded = { atol: 1 / 500 + 1e-9, rtol: 0, reason: 'rounded to 1/250' };
  for (const [moment, { weights }] of record.entries()) {
    const { kernel, recurrentKernel, bias, headKernel, headBias } = weights;
    const numbers = [kernel, recurrentKernel, bias, headKernel, headBias].flatMap((list) => Array.from(list));
    expectClose(numbers, trained[moment].numbers, { ...rounded, what: `moment ${moment}` });
  }
});
