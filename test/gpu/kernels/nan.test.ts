import { describe, expect, test } from 'vitest';
import {
  ACTIVATIONS,
  activationNumber,
  type Activation,
} from '../../../src/models/operations/recurrence/activations.ts';
import { activationBackward } from '../../../src/shaders/layers/activation-backward.ts';
import { activationForward } from '../../../src/shaders/layers/activation-forward.ts';
import { runKernel } from '../run-kernel.ts';

/** NaN of both signs and with other bits, as data and as results of operations. */
const NANS = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0x7fffffff, 0xff800001).buffer);

/** What an activation is at minus and plus infinity. softsign is NaN there, as it is on TensorFlow. */
const AT_INFINITY: Record<string, [number, number]> = {
  tanh: [-1, 1],
  sigmoid: [0, 1],
  hardSigmoid: [0, 1],
  hardSigmoidLegacy: [0, 1],
  relu: [0, Infinity],
  linear: [-Infinity, Infinity],
  elu: [-1, Infinity],
  softplus: [0, Infinity],
};

describe.each(ACTIVATIONS)('%s', (name) => {
  const ACTIVATION = activationNumber(name);
  const forward = async (z: Float32Array) =>
    (await runKernel(activationForward, { z, y: new Float32Array(z.length) }, { ELEMENTS: z.length, ACTIVATION })).y;

  test('of NaN is NaN, and of what stands beside it is not', async () => {
    const y = await forward(Float32Array.of(0.5, ...NANS, 0.5));
    expect([...y].map(Number.isNaN)).toEqual([false, ...[...NANS].map(() => true), false]);
  });

  test('has the gradient NaN where its value is NaN, and where the gradient behind it is', async () => {
    const y = Float32Array.of(0.5, ...NANS, 0.5, 0.5);
    const dy = Float32Array.of(1, ...[...NANS].map(() => 1), NaN, 1);
    const bindings = { y, dy, dz: new Float32Array(y.length) };
    const { dz } = await runKernel(activationBackward, bindings, { ELEMENTS: y.length, ACTIVATION });
    expect([...dz].map(Number.isNaN)).toEqual([false, ...[...NANS].map(() => true), true, false]);
  });
});

test.each(Object.entries(AT_INFINITY))('%s reaches its limits at infinity', async (name, limits) => {
  const bindings = { z: Float32Array.of(-Infinity, Infinity), y: new Float32Array(2) };
  const ACTIVATION = activationNumber(name as Activation);
  const { y } = await runKernel(activationForward, bindings, { ELEMENTS: 2, ACTIVATION });
  // exp(-80) is as good as zero.
  expect([...y].map((value) => (Math.abs(value) < 1e-30 ? 0 : value))).toEqual(limits);
});
