import { describe, expect, test, vi } from 'vitest';
import {
  dense,
  embedding,
  gru,
  lstm,
  simpleRnn,
  type LayerDefinition,
  type Sampling,
  type Stream,
} from '../../../../src/index.ts';
import { sampleClass } from '../../../../src/preprocessing/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { CLASSES, close, loop, oneHot, softmax, streaming } from './generating.ts';

/** Checks that each class is one that can be drawn: its random number lies in its part of the sum, up to rounding. */
async function expectDrawn(
  stream: Stream,
  inputOf: (index: number) => number[] | number,
  first: number,
  classes: Uint32Array,
  sample: Sampling,
) {
  const steps = [first, ...classes].map(inputOf);
  const outputs = await Promise.all(steps.slice(0, -1).map((step) => stream.push(step)));
  outputs.forEach(({ data }, step) => {
    const near = [1 - 1e-4, 1, 1 + 1e-4].map((factor) => {
      const changed = data.map((p, k) => (k === classes[step] ? p * factor : p));
      return sampleClass(changed, { seed: 0, ...sample, step });
    });
    expect(near).toContain(classes[step]);
  });
}

const forms: [string, readonly LayerDefinition[], boolean][] = [
  ['lstm, one-hot', [lstm({ units: 6, stateful: true, returnSequences: true }), softmax], false],
  [
    'embedding and two layers',
    [
      embedding({ inputDim: CLASSES, outputDim: 4 }),
      gru({ units: 6, stateful: true, returnSequences: true }),
      simpleRnn({ units: 5, stateful: true, returnSequences: true }),
      softmax,
    ],
    true,
  ],
  ['a last step', [lstm({ units: 6, stateful: true }), softmax], false],
];

describe.each(forms)('%s:', (_name, layers, takesIndices) => {
  const inputOf = takesIndices ? (index: number) => index : oneHot;
  const options = { inputShape: takesIndices ? [null] : [null, CLASSES] };

  // The seeds are fixed, since one draw in a million may differ: see sampleClass.
  test.each<Sampling>([
    { seed: 7 },
    { seed: 8, temperature: 0.7 },
    { seed: 9, topK: 4, temperature: 1.5 },
    { temperature: 0 },
  ])('draws the classes of a loop of pushes with %j', async (sample) => {
    const model = await streaming(layers, options);
    const [generating, pushing] = [model.openStream(), model.openStream()];
    const { classes } = await generating.generate(120, { sample, from: inputOf(3) });
    expect(Array.from(classes)).toEqual(await loop(pushing, inputOf, 3, 120, sample));
    // Both streams stand at the same place now.
    const [one, other] = await model.pushAll([
      [generating, inputOf(1)],
      [pushing, inputOf(1)],
    ]);
    expectClose(one.data, other.data, { ...close, what: 'the output afterwards' });
  });
});

test('many streams with their own options, seeds and numbers of steps draw what each alone may draw', async () => {
  const random = rng(randomSeed());
  const model = await streaming(forms[0][1], { slots: 64 });
  const streams = Array.from({ length: 64 }, () => model.openStream());
  const requests = streams.map((stream, n) => {
    const sample = { seed: random.integer(0, 2 ** 31), topK: 1 + (n % CLASSES), temperature: random.uniform(0.3, 2) };
    return [stream, random.integer(1, 40), { sample, from: oneHot(n % CLASSES) }] as const;
  });
  const results = await model.generateAll(requests);
  for (const stream of streams) stream.reset();
  await Promise.all(
    results.map(async ({ classes, seed }, n) => {
      const [stream, steps, { sample }] = requests[n];
      expect(classes).toHaveLength(steps);
      expect(seed).toBe(sample.seed);
      await expectDrawn(stream, oneHot, n % CLASSES, classes, sample);
    }),
  );
});

test('without a seed others are drawn each time, and the seed that is returned draws the same again', async () => {
  const model = await streaming(forms[0][1], { scale: 1 });
  const draw = async (seed?: number) => {
    const stream = model.openStream();
    const result = await stream.generate(50, { sample: { seed }, from: oneHot(0) });
    stream.close();
    return result;
  };
  const first = await draw();
  expect((await draw()).classes).not.toEqual(first.classes);
  expect((await draw(first.seed)).classes).toEqual(first.classes);
});

const regression = (outputs: number) => [
  lstm({ units: 5, stateful: true, returnSequences: true }),
  dense({ units: outputs, activation: 'tanh' }),
];

test('outputs become the next inputs, as in a loop of pushes, however the steps are cut into calls', async () => {
  const random = rng(randomSeed());
  const model = await streaming(regression(2), { inputShape: [null, 2], scale: 1.5 });
  const begin = random.array(2 * 7, 1);
  const [one, other, pushing] = [model.openStream(), model.openStream(), model.openStream()];
  const all = await one.generate(60, { feedback: true, from: begin });
  const parts = [
    await other.generate(25, { feedback: true, from: begin }),
    await other.generate(35, { feedback: true }),
  ];
  expect(all.shape).toEqual([60, 2]);
  expect(Float32Array.from(parts.flatMap(({ data }) => [...data]))).toEqual(all.data);
  let next = (await pushing.push(begin)).data.slice(-2);
  const expected: number[] = [];
  for (let step = 0; step < 60; step++) {
    expected.push(...next);
    next = (await pushing.push(next)).data;
  }
  expectClose(all.data, expected, { ...close, what: 'values' });
});

test('a window of the last values drops its first ones and takes the outputs', async () => {
  const random = rng(randomSeed());
  const model = await streaming(regression(2), { inputShape: [null, 6], scale: 1.5 });
  const [stream, pushing] = [model.openStream(), model.openStream()];
  let window = random.array(6, 1);
  await stream.push(window);
  const { data } = await stream.generate(30, { feedback: 'shift' });
  let next = (await pushing.push(window)).data;
  const expected: number[] = [];
  for (let step = 0; step < 30; step++) {
    expected.push(...next);
    window = Float32Array.from([...window.subarray(2), ...next]);
    next = (await pushing.push(window)).data;
  }
  expectClose(data, expected, { ...close, what: 'values' });
});

test('pushes, generations, resets and forks have their place, in any number of streams, and share submits', async () => {
  const model = await streaming(forms[0][1], { slots: 48 });
  const streams = Array.from({ length: 20 }, () => model.openStream());
  const sample = (n: number) => ({ sample: { seed: n, temperature: 0.5 } });
  const submits = vi.spyOn(gpu, 'submitCommands');
  const first = streams.map((stream, n) => {
    const pushed = stream.push(oneHot(n % CLASSES));
    const generated = stream.generate(9, sample(n));
    return Promise.all([pushed, generated, stream.push(oneHot(1)), stream.generate(3, sample(n + 1))]);
  });
  const together = await Promise.all(first);
  expect(submits.mock.calls.map(([label]) => label)).toEqual(['push', 'generate', 'push', 'generate']);
  const forks = streams.map((stream) => stream.fork());
  for (const stream of streams) stream.reset();
  const second = forks.map((stream, n) => stream.generate(5, sample(n)));
  const alone = await Promise.all(streams.map((stream, n) => stream.generate(5, { ...sample(n), from: oneHot(2) })));
  const forked = await Promise.all(second);
  for (const n of [0, 7, 19]) {
    const stream = model.openStream();
    await stream.push(oneHot(n % CLASSES));
    expect((await stream.generate(9, sample(n))).classes).toEqual(together[n][1].classes);
    expectClose((await stream.push(oneHot(1))).data, together[n][2].data, { ...close, what: 'a push between' });
    expect((await stream.generate(3, sample(n + 1))).classes).toEqual(together[n][3].classes);
    expect((await stream.generate(5, sample(n))).classes).toEqual(forked[n].classes);
    stream.reset();
    expect((await stream.generate(5, { ...sample(n), from: oneHot(2) })).classes).toEqual(alone[n].classes);
    stream.close();
    forks[n].close();
  }
});

test.each(['auto', 'layered'] as const)(
  'a signal ends it early, and the stream goes on from there, %s',
  async (schedule) => {
    const model = await streaming(forms[0][1], { schedule });
    const stream = model.openStream();
    const controller = new AbortController();
    const long = stream.generate(1e6, { sample: {}, from: oneHot(0), signal: controller.signal });
    const behind = stream.push(oneHot(1));
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(long).rejects.toThrow('enough');
    expect((await behind).shape).toEqual([CLASSES]);
    await expect(stream.generate(3, { sample: {}, signal: controller.signal })).rejects.toThrow('enough');
    expect((await stream.generate(3, { sample: {} })).classes).toHaveLength(3);
  },
);

test('NaN is not drawn from', async () => {
  const model = await streaming(forms[0][1]);
  const stream = model.openStream();
  await stream.push(oneHot(0));
  model.setWeights((await model.getWeights()).map(({ data, ...rest }) => ({ ...rest, data: data.map(() => NaN) })));
  await expect(stream.generate(5, { sample: {} })).rejects.toThrow('the outputs before step 1 are no probabilities');
});

test('what is refused says so and changes nothing', async () => {
  const model = await streaming(forms[0][1]);
  const stream = model.openStream();
  const refused: [unknown, RegExp][] = [
    [{ sample: {} }, /nothing was pushed into this stream yet/],
    [{}, /neither sample nor feedback/],
    [{ sample: {}, feedback: true }, /sample and feedback/],
    [{ sample: { temperature: -1 } }, /temperature is -1/],
    [{ sample: { topK: 0 } }, /topK is 0/],
    [{ sample: { seed: 0.5 } }, /seed is 0.5/],
    [{ sample: { topP: 0.5 } }, /no option "topP"/],
    [{ feedback: 'shift' }, /feedback is "shift", and the model gives 11 outputs and takes 11 features/],
    [{ feedback: false }, /feedback is false/],
    [{ sample: {}, from: [1, 2] }, /stream.generate: from has shape \[2\]/],
    [{ sample: {}, signal: 1 }, /signal is 1/],
  ];
  for (const [options, message] of refused) {
    await expect(stream.generate(3, options as { sample: Sampling })).rejects.toThrow(message);
  }
  await expect(stream.generate(0, { sample: {} })).rejects.toThrow(/steps is 0/);
  const requests = [oneHot(1), [1]].map((from) => [stream, 3, { sample: {}, from }] as const);
  await expect(model.generateAll(requests)).rejects.toThrow(/requests\[1\]: from/);
  await expect(stream.generate(3, { sample: {} })).rejects.toThrow(/nothing was pushed/);
  stream.reset();

  const other = await streaming(regression(2), { inputShape: [null, 3] });
  const values = other.openStream();
  await expect(values.generate(3, { sample: {}, from: [1, 2, 3] })).rejects.toThrow(/does not end with a softmax/);
  await expect(values.generate(3, { feedback: true, from: [1, 2, 3] })).rejects.toThrow(
    /2 outputs and takes 3 features/,
  );
  await expect(model.generateAll([[values, 3, { feedback: true }]])).rejects.toThrow(/another model/);
  stream.close();
  await expect(stream.generate(3, { sample: {} })).rejects.toThrow(/closed/);
});

test('a snapshot and a fork bring the last output along', async () => {
  const model = await streaming(forms[0][1]);
  const stream = model.openStream();
  await stream.push(oneHot(4));
  const again = model.restoreStream(structuredClone(await stream.save()));
  const sample = { seed: 3 };
  const expected = await stream.fork().generate(20, { sample });
  expect((await again.generate(20, { sample })).classes).toEqual(expected.classes);
  expect(again.steps).toBe(21);
  stream.reset();
  again.close();
  await expect(model.restoreStream(await stream.save()).generate(2, { sample })).rejects.toThrow('nothing was pushed');
});

test('a stream that is opened for traces generates as others do, and has steps to look at again after the next push', async () => {
  const model = await streaming(forms[0][1]);
  const [traced, plain] = [model.openStream({ trace: true }), model.openStream()];
  const sample = { seed: 6 };
  const [classes, others] = await Promise.all(
    [traced, plain].map(async (stream) => {
      const pushed = stream.push(oneHot(2));
      const generated = await stream.generate(12, { sample, from: oneHot(5) });
      await pushed;
      return generated.classes;
    }),
  );
  expect(classes).toEqual(others);
  const [[after], [other]] = await Promise.all([traced.inspect(), plain.inspect()]);
  expectClose(after.h, other.h, { ...close, what: 'h after the generated steps' });
  expect(after.steps).toBeUndefined();
  await traced.push(oneHot(1));
  const [{ h, steps }] = await traced.inspect();
  expect(steps!.h.shape).toEqual([1, 6]);
  expectClose(steps!.h.data, h, { ...close, what: 'h of the push' });
});
