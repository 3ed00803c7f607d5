import { describe, expect, test } from 'vitest';
import {
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  simpleRnn,
  type LayerDefinition,
  type Model,
  type Sampling,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countDispatches, countGpuCalls } from '../../count-calls.ts';
import { CLASSES, close, loop, oneHot, softmax, streaming } from './generating.ts';

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

/** How the classes or values of a model were generated. */
const decisions = (model: Model) =>
  model.explain().flatMap(({ part, decision }) => (part.startsWith('generated') ? [decision] : []));

describe.each(forms)('in a workgroup, %s:', (_name, layers) => {
  const takesIndices = layers[0].kind === 'embedding';
  const inputOf = takesIndices ? (index: number) => index : oneHot;
  const options = { inputShape: takesIndices ? [null] : [null, CLASSES], schedule: 'resident' } as const;

  // The seeds are fixed, since one draw in a million may differ: see sampleClass.
  test.each<Sampling>([{ seed: 7 }, { seed: 9, topK: 4, temperature: 1.5 }, { temperature: 0 }])(
    'draws the classes of a loop of pushes with %j',
    async (sample) => {
      const model = await streaming(layers, { ...options, inputShape: [...options.inputShape] });
      const [generating, pushing] = [model.openStream(), model.openStream()];
      const { classes } = await generating.generate(80, { sample, from: inputOf(3) });
      expect(decisions(model)).toEqual(['resident']);
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

test('weights that are set in between are those of the next steps', async () => {
  const model = await streaming(forms[0][1], { schedule: 'resident' });
  const sample = { seed: 4 };
  const generate = async () => {
    const stream = model.openStream();
    const { classes } = await stream.generate(40, { sample, from: oneHot(2) });
    stream.reset();
    expect(Array.from(classes)).toEqual(await loop(stream, oneHot, 2, 40, sample));
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

test('what does not fit into a workgroup, or does not pay there, goes layer by layer', async () => {
  const why = async (layers: readonly LayerDefinition[], steps: number, schedule: 'auto' | 'resident' = 'resident') => {
    const model = await streaming(layers, { schedule });
    await model.openStream().generate(steps, { sample: { seed: 1 }, from: oneHot(1) });
    return model.explain().at(-1);
  };
  expect(await why([gru({ units: 4, resetAfter: false, ...recurrent }), softmax], 2)).toMatchObject({
    decision: 'layered',
    part: 'generated classes',
    why: 'gru has no kernel for that',
  });
  expect(await why([lstm({ units: 1500, recurrentInitializer: 'zeros', ...recurrent }), softmax], 1)).toMatchObject({
    decision: 'layered',
    why: expect.stringMatching(/bytes of workgroup memory/) as string,
  });
  expect(await why(forms[0][1], 1000, 'auto')).toMatchObject({ decision: 'resident' });
});

test('NaN is not drawn from', async () => {
  const model = await streaming(forms[0][1], { schedule: 'resident' });
  const stream = model.openStream();
  await stream.push(oneHot(0));
  model.setWeights((await model.getWeights()).map(({ data, ...rest }) => ({ ...rest, data: data.map(() => NaN) })));
  await expect(stream.generate(5, { sample: {} })).rejects.toThrow('the outputs before step 1 are no probabilities');
});
