import { describe, expect, test } from 'vitest';
import {
  adam,
  dense,
  DeviceLostError,
  DisposedError,
  dropout,
  embedding,
  gru,
  lstm,
  requestGpu,
  sequential,
  simpleRnn,
  type LayerDefinition,
  type Model,
  type Sampling,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countDispatches, countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';
import { CLASSES, close, loop, oneHot, softmax, streaming, type Schedule } from './generating.ts';

const recurrent = { stateful: true, returnSequences: true };

const forms: [string, readonly LayerDefinition[]][] = [
  ['lstm', [lstm({ units: 6, ...recurrent }), softmax]],
  [
    'lstm with other activations',
    [lstm({ units: 6, activation: 'softsign', recurrentActivation: 'hardSigmoid', ...recurrent }), softmax],
  ],
  ['gru', [gru({ units: 7, ...recurrent }), softmax]],
  ['simpleRnn without bias', [simpleRnn({ units: 5, useBias: false, ...recurrent }), softmax]],
  ['a last step', [gru({ units: 6, stateful: true }), softmax]],
  [
    'embedding, three layers, dropout and two heads',
    [
      embedding({ inputDim: CLASSES + 2, outputDim: 4 }),
      lstm({ units: 9, ...recurrent }),
      dropout({ rate: 0.5 }),
      gru({ units: 6, ...recurrent }),
      simpleRnn({ units: 5, ...recurrent }),
      dense({ units: 8, activation: 'elu' }),
      softmax,
    ],
  ],
  ['a dense layer in front', [dense({ units: 5, activation: 'relu' }), lstm({ units: 6, ...recurrent }), softmax]],
];

/** So many that a single stream generates them inside a workgroup, on a software adapter too. */
const STEPS = 256;

/** How the classes or values of a model were generated. */
const decisions = (model: Model) =>
  model.explain().flatMap(({ part, decision }) => (part.startsWith('generated') ? [decision] : []));

const schedules = ['resident', 'layered'] as const;
const combinations = schedules.flatMap((schedule) => forms.map(([name, layers]) => ({ schedule, name, layers })));

describe.each(combinations)('$schedule, $name:', ({ schedule, layers }) => {
  const takesIndices = layers[0].kind === 'embedding';
  const inputOf = takesIndices ? (index: number) => index : oneHot;
  const options = { inputShape: takesIndices ? [null] : [null, CLASSES], schedule };

  // The seeds are fixed, since one draw in a million may differ: see sampleClass.
  test.each<Sampling>([{ seed: 7 }, { seed: 9, topK: 4, temperature: 1.5 }, { temperature: 0 }])(
    'draws the classes of a loop of pushes with %j',
    async (sample) => {
      const model = await streaming(layers, options);
      const [generating, pushing] = [model.openStream(), model.openStream()];
      const { classes } = await generating.generate(80, { sample, from: inputOf(3) });
      expect(decisions(model)).toEqual([schedule]);
      expect(Array.from(classes)).toEqual(await loop(pushing, inputOf, 3, 80, sample));
      // Both streams stand at the same place now.
      const [one, other] = await model.pushAll([
        [generating, inputOf(1)],
        [pushing, inputOf(1)],
      ]);
      expectClose(one.data, other.data, { ...close, what: 'the output afterwards' });
    },
  );
});

const regressions: [string, number, readonly LayerDefinition[]][] = [
  ['as many features as outputs', 2, [lstm({ units: 5, ...recurrent }), dense({ units: 2, activation: 'tanh' })]],
  ['a window', 6, [gru({ units: 5, ...recurrent }), dense({ units: 2, activation: 'tanh' })]],
  ['a window, and no head', 9, [lstm({ units: 5, ...recurrent }), simpleRnn({ units: 3, ...recurrent })]],
];

test.each(regressions)(
  'values are fed back, %s, as layer by layer and in calls of any number of steps',
  async (...form) => {
    const [, features, layers] = form;
    const from = rng(randomSeed()).array(features, 1);
    const feedback = features === 2 ? true : 'shift';
    const [resident, layered] = await Promise.all(
      (['resident', 'layered'] as const).map((schedule) =>
        streaming(layers, { inputShape: [null, features], scale: 1.5, schedule }),
      ),
    );
    const stream = resident.openStream();
    const first = await stream.generate(25, { feedback, from });
    const second = await stream.generate(15, { feedback });
    const expected = await layered.openStream().generate(40, { feedback, from });
    expect([...decisions(resident), ...decisions(layered)]).toEqual(['resident', 'layered']);
    expectClose([...first.data, ...second.data], expected.data, { ...close, what: 'values' });
    const whole = await resident.openStream().generate(40, { feedback, from });
    expect([...first.data, ...second.data]).toEqual([...whole.data]);
  },
);

/** A stack of up to three recurrent layers, with dense layers between and behind them, of any sizes. */
function drawnStack(random: ReturnType<typeof rng>, outputs: number): LayerDefinition[] {
  const between = () => {
    const activation = (['linear', 'elu', 'softsign'] as const)[random.integer(0, 2)];
    return random.uniform(0, 1) < 0.4 ? [dense({ units: random.integer(1, 70), activation })] : [];
  };
  const layers = Array.from({ length: random.integer(1, 3) }, () => {
    const make = [lstm, gru, simpleRnn][random.integer(0, 2)];
    return [...between(), make({ units: random.integer(1, 50), useBias: random.uniform(0, 1) < 0.8, ...recurrent })];
  });
  return [...layers.flat(), dense({ units: outputs, activation: 'tanh' })];
}

test('stacks of layers of any sizes give the values and the states that they give layer by layer', async () => {
  const random = rng(randomSeed());
  for (let stack = 0; stack < 5; stack++) {
    const outputs = random.integer(1, 9);
    const features = outputs * random.integer(1, 3);
    const layers = drawnStack(random, outputs);
    const from = random.array(features, 1);
    const feedback = features === outputs ? true : 'shift';
    const results = schedules.map(async (schedule) => {
      // Not scaled: errors of a network with larger weights grow from step to step.
      const model = await streaming(layers, { inputShape: [null, features], slots: 5, scale: 1, schedule });
      const streams = Array.from({ length: 3 }, () => model.openStream());
      await streams[0].push(from);
      const generated = await streams[2].generate(30, { feedback, from });
      return { generated, saved: await streams[2].save(), other: await streams[0].save(), decision: decisions(model) };
    });
    const [resident, layered] = await Promise.all(results);
    expect([...resident.decision, ...layered.decision]).toEqual(schedules);
    expectClose(resident.generated.data, layered.generated.data, { ...close, what: 'values' });
    layered.saved.states.forEach(({ name, data }, n) => {
      expectClose(resident.saved.states[n].data, data, { ...close, what: name });
      expect(resident.other.states[n].data).toEqual(layered.other.states[n].data);
    });
  }
});

test('streams with their own options and numbers of steps draw what each draws alone, more steps than a submit has', async () => {
  const model = await streaming(forms[0][1], { slots: 8, schedule: 'resident' });
  const streams = Array.from({ length: 5 }, () => model.openStream());
  const requests = streams.map((stream, n) => {
    const sample = { seed: n, topK: 2 + n, temperature: 0.5 + n / 4 };
    return [stream, [1500, 3, 40, 1, 700][n], { sample, from: oneHot(n) }] as const;
  });
  const together = await model.generateAll(requests);
  for (const [n, [stream, steps, options]] of requests.entries()) {
    stream.reset();
    expect((await stream.generate(steps, options)).classes).toEqual(together[n].classes);
  }
});

test('weights that are set or trained in between are those of the next steps', async () => {
  const model = await streaming(forms[0][1]);
  model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'categoricalCrossentropy' });
  const sample = { seed: 4 };
  const generate = async () => {
    const stream = model.openStream();
    const { classes } = await stream.generate(STEPS, { sample, from: oneHot(2) });
    stream.reset();
    expect(Array.from(classes)).toEqual(await loop(stream, oneHot, 2, STEPS, sample));
    stream.close();
    return [...classes];
  };
  const before = await generate();
  const weights = await model.getWeights();
  model.setWeights(weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((value) => -value) })));
  const negated = await generate();
  expect(negated).not.toEqual(before);
  model.setWeights(weights);
  expect(await generate()).toEqual(before);
  await model.fit([[oneHot(1), oneHot(2)]], [[oneHot(2), oneHot(1)]], { epochs: 5, batchSize: 1 });
  const trained = await generate();
  expect(trained).not.toEqual(before);
  expect(decisions(model)).toEqual(['resident']);
});

test('100 steps are one dispatch and one submit, and make no more buffers or kernels than one step', async () => {
  const model = await streaming(forms[0][1], { schedule: 'resident' });
  const stream = model.openStream();
  const sample = { seed: 1 };
  await stream.generate(100, { sample, from: oneHot(0) });
  const count = countGpuCalls();
  await stream.generate(1, { sample });
  const one = count();
  expect(await countDispatches(() => stream.generate(100, { sample }))).toBe(1);
  const both = count();
  expect(both).toEqual(Object.fromEntries(Object.entries(one).map(([name, calls]) => [name, 2 * calls])));
  expect(one).toMatchObject({ createBuffer: 0, createComputePipelineAsync: 0, submit: 1 });
});

test.runIf(gpu.isSoftware)('on a software adapter few steps and several streams go layer by layer', async () => {
  const model = await streaming(forms[0][1]);
  const [one, other] = [model.openStream(), model.openStream()];
  const options = { sample: { seed: 1 }, from: oneHot(1) };
  const why = 'workgroups pay for at most 1 streams and at least 256 steps';
  await one.generate(STEPS - 1, options);
  expect(model.explain().at(-1)).toMatchObject({ batchSize: 1, decision: 'layered', why });
  await Promise.all([one.generate(STEPS, options), other.generate(STEPS, options)]);
  expect(model.explain().at(-1)).toMatchObject({ batchSize: 2, decision: 'layered', why });
  await one.generate(STEPS, options);
  expect(decisions(model)).toEqual(['resident', 'layered']);
});

test('what does not fit into a workgroup, or does not pay there, goes layer by layer', async () => {
  const why = async (layers: readonly LayerDefinition[], steps: number, schedule: Schedule = 'resident') => {
    const model = await streaming(layers, { schedule });
    await model.openStream().generate(steps, { sample: { seed: 1 }, from: oneHot(1) });
    return model.explain().at(-1);
  };
  expect(await why([gru({ units: 4, resetAfter: false, ...recurrent }), softmax], 2)).toMatchObject({
    decision: 'layered',
    part: 'generated classes',
    why: 'gru has no kernel for that',
  });
  const masked = await streaming([embedding({ inputDim: CLASSES, outputDim: 4, maskZero: true }), ...forms[0][1]], {
    inputShape: [null],
    schedule: 'resident',
  });
  await masked.openStream().generate(3, { sample: { seed: 1 }, from: 2 });
  expect(masked.explain().at(-1)).toMatchObject({ decision: 'layered', why: 'embedding has no kernel for that' });
  expect(await why([lstm({ units: 1500, recurrentInitializer: 'zeros', ...recurrent }), softmax], 1)).toMatchObject({
    decision: 'layered',
    why: expect.stringMatching(/bytes of workgroup memory/) as string,
  });
  expect(await why(forms[0][1], STEPS, 'auto')).toMatchObject({ decision: 'resident' });
  expect(await why(forms[0][1], STEPS, 'layered')).toMatchObject({ decision: 'layered', why: 'schedule is layered' });
});

test('logits that are too large for exp without their largest one are those of a loop of pushes', async () => {
  const model = await streaming(forms[0][1], { schedule: 'resident', scale: 1 });
  const weights = await model.getWeights();
  const [kernel] = weights.slice(-2);
  kernel.data.forEach((value, n) => (kernel.data[n] = 400 * value));
  model.setWeights(weights);
  const [generating, pushing] = [model.openStream(), model.openStream()];
  const sample = { temperature: 0 };
  const { classes } = await generating.generate(40, { sample, from: oneHot(3) });
  expect(Array.from(classes)).toEqual(await loop(pushing, oneHot, 3, 40, sample));
});

test('NaN is not drawn from', async () => {
  const model = await streaming(forms[0][1], { schedule: 'resident' });
  const stream = model.openStream();
  await stream.push(oneHot(0));
  model.setWeights((await model.getWeights()).map(({ data, ...rest }) => ({ ...rest, data: data.map(() => NaN) })));
  await expect(stream.generate(5, { sample: {} })).rejects.toThrow('the outputs before step 1 are no probabilities');
});

test('steps end wherever their model is disposed, and nothing is made for them from then on', async () => {
  // The code of the generator, kernels and memory are waited for, one after the other.
  const count = countGpuCalls();
  for (let turns = 0; turns < 60; turns++) {
    const model = await streaming(forms[0][1], { schedule: 'resident' });
    const stream = model.openStream();
    await stream.push(oneHot(0));
    const generated = stream.generate(5000, { sample: {} });
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const before = count();
    model.dispose();
    await expect(generated).rejects.toThrow(DisposedError);
    // What was under way when the promise was rejected has ended then.
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(count()).toEqual(before);
  }
});

test('steps end when the device is lost at a random moment', async () => {
  const random = rng(randomSeed());
  for (let device = 0; device < 6; device++) {
    const lost = await requestGpu({ tuning: 'off' });
    const inputShape = [null, CLASSES];
    const model = await sequential(lost, { inputShape, slots: 2, layers: forms[0][1], schedule: 'resident' });
    const generated = model.openStream().generate(1e6, { sample: {}, from: oneHot(0) });
    const behind = model.openStream().push(oneHot(1));
    const settled = Promise.allSettled([generated, behind]);
    await new Promise((resolve) => setTimeout(resolve, random.integer(0, 60)));
    lost.device.destroy();
    const [{ status }, ...others] = await settled;
    expect(status).toBe('rejected');
    const wrong = others.filter((each) => each.status === 'rejected' && !(each.reason instanceof DeviceLostError));
    expect(wrong).toEqual([]);
    await expect(generated).rejects.toThrow(DeviceLostError);
  }
});
