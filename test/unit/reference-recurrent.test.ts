import { describe, expect, test } from 'vitest';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { kerasDropouts, setUp } from '../golden/keras-dropout.ts';
import { kerasRecurrents, specOf, weightsOf } from '../golden/keras-forward.ts';
import { expectClose } from '../harness/expect-close.ts';
import { rng, SETTLED_SEED } from '../harness/random.ts';
import { dot } from '../reference/arrays.ts';
import { biasSize, GATES, type RecurrentSpec } from '../reference/cells.ts';
import { finiteDifference } from '../reference/finite-difference.ts';
import { recurrent } from '../reference/recurrent.ts';

const forward = { atol: 5e-7, rtol: 0, reason: 'recorded in float32, which was up to 4e-7 off' };
const backward = { atol: 3e-6, rtol: 1e-6, reason: 'recorded in float32, which was up to 3e-6 off' };

describe('the twin of a recurrent layer against Keras', () => {
  test.each(kerasRecurrents)('$layer, $name', (recorded) => {
    const { units, batch, time: steps, input_dim: features, return_sequences } = recorded.config;
    const [rOutput, ...rStates] = recorded.R.map(({ data }) => data);
    const run = recurrent(specOf(recorded), { batch, steps, features, units }, weightsOf(recorded), recorded.x.data, {
      mask: recorded.mask?.data.map(Number),
      initial: recorded.initial_state?.map(({ data }) => data),
    });
    /** Where an element of the last output lies among those of all steps. */
    const inAll = (n: number) => (Math.floor(n / units) * steps + steps - 1) * units + (n % units);
    const outputGradient = new Float64Array(run.output.length);
    rOutput.forEach((value, n) => (outputGradient[return_sequences ? n : inAll(n)] = value));
    const gradients = run.backward(outputGradient, rStates);

    const { expected } = recorded;
    const output = return_sequences ? run.output : rOutput.map((_, n) => run.output[inAll(n)]);
    expectRecorded(output, expected.output.data, { ...forward, what: 'Keras, output' });
    expected.states.forEach(({ data }, n) => expectRecorded(run.last[n], data, { ...forward, what: 'Keras, states' }));
    expectRecorded(gradients.x, expected.grad_x.data, { ...backward, what: 'Keras, gradient of x' });
    const { kernel, recurrent_kernel, bias } = expected.grads;
    expectRecorded(gradients.kernel, kernel.data, { ...backward, what: 'Keras, gradient of kernel' });
    expectRecorded(gradients.recurrentKernel, recurrent_kernel.data, {
      ...backward,
      what: 'Keras, gradient of recurrent kernel',
    });
    if (bias) expectRecorded(gradients.bias, bias.data, { ...backward, what: 'Keras, gradient of bias' });
    expected.grad_initial_state.forEach(({ data }, n) => {
      expectRecorded(gradients.initial[n], data, { ...backward, what: 'Keras, gradient of the initial state' });
    });
    expect(expected.states).toHaveLength(run.last.length);
  });
});

describe('the twin of an LSTM with dropout against Keras', () => {
  test.each(kerasDropouts)('$name', (recorded) => {
    const { shape, weights, dropped } = setUp(recorded);
    const { output } = recurrent({ cell: 'lstm' }, shape, weights, recorded.x.data, { dropped });
    expectRecorded(output, recorded.output.data, { ...forward, what: 'Keras, output with dropout' });
  });
});

describe('the twin of a recurrent layer has the gradient of its forward pass', () => {
  const cells: RecurrentSpec[] = [
    { cell: 'lstm' },
    { cell: 'gru' },
    { cell: 'gru', resetAfter: false },
    { cell: 'simpleRnn' },
  ];
  const specs: RecurrentSpec[] = cells.flatMap((spec) => [
    spec,
    { ...spec, goBackwards: true, activation: 'softplus', recurrentActivation: 'softsign' },
    { ...spec, zeroOutputForMask: true, activation: 'elu', recurrentActivation: 'hardSigmoid' },
  ]);
  const kinds = ['plain', 'masked', 'reset', 'dropped'] as const;
  test.each(specs.flatMap((spec) => kinds.map((kind) => ({ kind, ...spec }))))('%o', ({ kind, ...spec }) => {
    const shape = { batch: 2, steps: 5, features: 3, units: 2 };
    const { batch, steps, features, units } = shape;
    const random = rng(SETTLED_SEED);
    const float64 = (size: number) => Float64Array.from(random.array(size, 0.5));
    const width = GATES[spec.cell] * units;
    const weights = {
      kernel: float64(features * width),
      recurrentKernel: float64(units * width),
      bias: float64(biasSize(spec, units)),
    };
    const x = float64(batch * steps * features);
    const states = spec.cell === 'lstm' ? 2 : 1;
    const initial = Array.from({ length: states }, () => float64(batch * units));
    const last = Array.from({ length: states }, () => float64(batch * units));
    const mask = kind === 'plain' ? undefined : [0, 1, 0, 1, 0, 1, 1, 0, 0, 1];
    const resets = kind === 'reset' ? [1, 0, 1, 1, 0, 0, 0, 1, 0, 1] : undefined;
    const factors = (size: number) => Array.from({ length: GATES[spec.cell] }, () => float64(batch * size));
    const dropped = kind === 'dropped' ? { input: factors(features), state: factors(units) } : undefined;
    const conditions = { mask, initial, resets, dropped };
    const outputGradient = float64(batch * steps * units);

    const loss = () => {
      const run = recurrent(spec, shape, weights, x, conditions);
      return dot(run.output, outputGradient) + run.last.reduce((total, state, n) => total + dot(state, last[n]), 0);
    };
    const gradients = recurrent(spec, shape, weights, x, conditions).backward(outputGradient, last);
    const close = { atol: 1e-8, rtol: 1e-7, reason: 'central differences in float64 with a step of 1e-5' };
    for (const [name, values] of Object.entries({ ...weights, x }) as ['kernel', Float64Array][]) {
      expectClose(gradients[name], finiteDifference(loss, values), { ...close, what: `gradient of ${name}` });
    }
    initial.forEach((values, n) => {
      const difference = finiteDifference(loss, values);
      expectClose(gradients.initial[n], difference, { ...close, what: `gradient of initial state ${n}` });
    });
    expect(gradients.initial).toHaveLength(states);
  });
});
