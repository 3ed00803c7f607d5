import { expect, onTestFinished, test, vi } from 'vitest';
import { lstm } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { RecurrentSpec } from '../../../reference/cells.ts';
import { float16 } from '../../../reference/float16.ts';
import { recurrent } from '../../../reference/recurrent.ts';
import { describeHalf } from '../../half-precision.ts';
import { runLayer } from '../../run-layer.ts';
import { array, lstmAndHead, makeModel, weightsOf } from '../builders/make-model.ts';

interface Case {
  name: string;
  spec?: Partial<RecurrentSpec>;
  shape: { batch: number; steps: number; features: number; units: number };
  masked?: boolean;
  /** The bias of the forget gate. Default: random. */
  forgetBias?: number;
}

const cases: Case[] = [
  { name: 'the product of few features, a row', shape: { batch: 1, steps: 7, features: 3, units: 5 } },
  { name: 'the product of many features given, two rows', shape: { batch: 2, steps: 5, features: 20, units: 33 } },
  { name: 'a tile of eight rows', shape: { batch: 5, steps: 4, features: 2, units: 6 } },
  { name: 'a dispatch a step', shape: { batch: 2, steps: 3, features: 4, units: 130 } },
  {
    name: 'backwards, masked, hard gates, relu',
    spec: { goBackwards: true, activation: 'relu', recurrentActivation: 'hardSigmoid' },
    shape: { batch: 2, steps: 6, features: 2, units: 4 },
    masked: true,
  },
  // 0.9999: kept in half precision it would be 1, without a derivative.
  { name: 'forget gates close to 1', shape: { batch: 1, steps: 5, features: 2, units: 4 }, forgetBias: 9 },
];

/** The greatest share of the largest gradient. */
const SHARE = 4e-3;

// With weights that half precision holds exactly, nothing is rounded to it.
describeHalf('an LSTM whose weights lie in half precision', () => {
  test.each(cases)('$name', async ({ spec, shape, masked, forgetBias }) => {
    const { batch, steps, features, units } = shape;
    const random = rng(randomSeed());
    const halves = (count: number, scale: number) => random.array(count, scale).map(float16);
    const weights = {
      kernel: halves(4 * features * units, 1 / Math.sqrt(features)),
      recurrentKernel: halves(4 * units * units, 1 / Math.sqrt(units)),
      bias: halves(4 * units, 1).map((value, n) => (Math.floor(n / units) === 1 ? (forgetBias ?? value) : value)),
    };
    const x = random.array(batch * steps * features, 1);
    const mask = masked ? Array.from({ length: batch * steps }, () => random.integer(0, 1)) : undefined;
    const outputGradient = random.array(batch * steps * units, 1);
    const twin = recurrent({ cell: 'lstm', ...spec }, shape, weights, x, { mask });
    const expected = twin.backward(outputGradient);

    const result = await runLayer(lstm({ units, returnSequences: true, ...spec }), {
      x,
      shape: [batch, steps, features],
      weights: Object.values(weights),
      mask,
      outputGradient,
      precision: 'mixedFloat16',
    });
    const forward = { atol: 4e-6, rtol: 4e-6, reason: 'sums and states of float32' };
    expectClose(result.output, twin.output, { ...forward, what: 'output' });
    result.states.forEach((state, n) => expectClose(state, twin.last[n], { ...forward, what: `state ${n}` }));

    const close = (values: ArrayLike<number>) => ({
      atol: SHARE * Math.max(...Array.from(values, Math.abs)),
      rtol: 0,
      reason: 'float32 knows the derivative of a gate of 0.9999 to some thousandths',
    });
    const gradients = { x: expected.x, kernel: expected.kernel, recurrentKernel: expected.recurrentKernel };
    const [kernel, recurrentKernel, bias] = result.weights;
    const seen = { x: result.x, kernel, recurrentKernel };
    for (const name of Object.keys(gradients) as (keyof typeof gradients)[]) {
      expectClose(seen[name], gradients[name], { ...close(gradients[name]), what: `gradient of ${name}` });
    }
    // Gate by gate, since that of one may be far smaller than that of the others.
    for (let gate = 0; gate < 4; gate++) {
      const ofGate = expected.bias.slice(gate * units, (gate + 1) * units);
      const part = bias.slice(gate * units, (gate + 1) * units);
      expectClose(part, ofGate, { ...close(ofGate), what: `gradient of the bias of gate ${gate}` });
    }
  });
});

/** 64 sequences of 20 zeros, half of them with a one in front: is there one? */
function firstElements() {
  const [samples, steps] = [64, 20];
  const x = Array.from({ length: samples * steps }, (_, n) => (n % (2 * steps) === 0 ? 1 : 0));
  const y = Array.from({ length: samples }, (_, n) => (n % 2 === 0 ? 1 : 0));
  return { x: array(x, [samples, steps, 1]), y: array(y, [samples, 1]), inputShape: [steps, 1] as const };
}

describeHalf('training in half precision', () => {
  test('remembers the first of 20 elements, with weights of float32', async () => {
    const { x, y, inputShape } = firstElements();
    const run = async (precision: 'float32' | 'mixedFloat16') => {
      const optimizer = { kind: 'adam', learningRate: 0.05 } as const;
      const layers = lstmAndHead(10, false);
      const model = await makeModel({ inputShape, layers, optimizer, precision, schedule: 'layered' });
      const { history } = await model.fit(x, y, { epochs: 40, batchSize: 16, shuffle: false });
      const tested = await model.evaluate(x, y, { batchSize: 16 });
      return { losses: history.loss, tested, weights: (await weightsOf(model)).flatMap((weight) => [...weight]) };
    };
    const float32 = await run('float32');
    const half = await run('mixedFloat16');
    console.log(`First of 20 elements, 40 epochs of Adam: loss ${half.tested.loss}, in float32 ${float32.tested.loss}`);
    expect(half.tested.accuracy).toBe(1);
    expect(half.tested.loss).toBeLessThan(0.05);
    expectClose(half.losses.slice(0, 5), float32.losses.slice(0, 5), {
      atol: 2e-3,
      rtol: 0,
      what: 'losses of the first epochs',
      reason: 'weights rounded by 2^-12, before paths part',
    });
    expect(half.losses).not.toEqual(float32.losses);
    // Steps far smaller than the spacing of half precision would be lost if the weights were kept in it.
    const rounded = half.weights.filter((weight) => weight === float16(weight));
    expect(rounded.length).toBeLessThan(half.weights.length / 10);
  });

  test('keeps the transposed recurrent kernel in half the memory, and gates in that of float32', async () => {
    const { x, y, inputShape } = firstElements();
    const spy = vi.spyOn(GPUDevice.prototype, 'createBuffer');
    onTestFinished(() => spy.mockRestore());
    const sizes = async (precision: 'float32' | 'mixedFloat16') => {
      const model = await makeModel({ inputShape, layers: lstmAndHead(3, false), precision, schedule: 'layered' });
      spy.mockClear();
      await model.trainOnBatch(x, y);
      const made = spy.mock.calls.map(([{ label = '', size }]) => [label, size] as const);
      return ['gates', 'transposed'].map((word) => made.filter(([label]) => label.includes(word)));
    };
    const [gates, transposed] = await sizes('float32');
    expect([gates.length, transposed.length]).toEqual([1, 1]);
    expect(await sizes('mixedFloat16')).toEqual([gates, transposed.map(([label, size]) => [label, size / 2])]);
  });
});
