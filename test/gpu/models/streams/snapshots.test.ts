import { expect, onTestFinished, test, vi } from 'vitest';
import {
  adam,
  dense,
  DisposedError,
  embedding,
  gru,
  lstm,
  masking,
  sequential,
  simpleRnn,
  SlotsFullError,
  SnapshotError,
  ValueError,
  type LayerDefinition,
  type SequentialOptions,
  type Stream,
  type StreamSnapshot,
} from '../../../../src/index.ts';
import { Readback } from '../../../../src/runtime/readback.ts';
import { errorOf } from '../../../harness/error-of.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;
const rnn = { units: 4, stateful: true, returnSequences: true };
const stacked = [
  lstm({ units: 4, stateful: true, returnSequences: true }),
  gru({ units: 3, stateful: true, returnSequences: true }),
  simpleRnn({ units: 5, stateful: true, returnSequences: true }),
  dense({ units: 1 }),
];

async function streaming(options: Partial<SequentialOptions> = {}) {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots: 6, seed: 3, layers: stacked, ...options });
  onTestFinished(() => model.dispose());
  return model;
}

const draw = () => rng(randomSeed());
const numbersOf = ({ states }: StreamSnapshot) => states.map(({ data }) => [...data]);
const zeros = [4, 4, 3, 5, 1, 2].map((size) => Array.from({ length: size }, () => 0));

/** Pushes single steps, so that the same kernels run however many there are, and gives the outputs. */
async function outputsOf(stream: Stream, steps: readonly Float32Array[]): Promise<number[]> {
  const outputs = await Promise.all(steps.map((step) => stream.push(step)));
  return outputs.flatMap(({ data }) => [...data]);
}

const stepsOf = ({ array }: ReturnType<typeof rng>, count: number) =>
  Array.from({ length: count }, () => array(FEATURES, 1));

test('a stream goes on from a clone of its snapshot with the same bits, in its own model and in another with its weights', async () => {
  const random = draw();
  const model = await streaming();
  const other = await streaming({ seed: 8 });
  other.setWeights(await model.getWeights());
  const [before, after] = [stepsOf(random, 7), stepsOf(random, 5)];
  const stream = model.openStream({ name: 'first' });
  await outputsOf(stream, before);
  const saved = structuredClone(await stream.save());
  expect(saved).toMatchObject({ version: 1, name: 'first', steps: 7, resets: 0 });
  expect(saved.states.map(({ name, shape }) => `${name} ${shape.join()}`)).toEqual([
    'lstm/h 4',
    'lstm/c 4',
    'gru/h 3',
    'simpleRnn/h 5',
    'stream/output 1',
    'stream/input 2',
  ]);
  const expected = await outputsOf(stream, after);
  const [again, there] = [model.restoreStream(saved), other.restoreStream(saved)];
  expect([again.name, there.name, again.steps]).toEqual(['stream_0', 'first', 7]);
  expect(await outputsOf(again, after)).toEqual(expected);
  expect(await outputsOf(there, after)).toEqual(expected);
  expect(numbersOf(await there.save())).toEqual(numbersOf(await stream.save()));
  expect(await outputsOf(model.openStream(), before)).toEqual(await outputsOf(other.openStream(), before));
});

test('saves have their place among pushes, resets and forks that nobody awaits', async () => {
  const random = draw();
  const model = await streaming();
  const [x, y, z] = stepsOf(random, 3);
  const stream = model.openStream();
  const saves = [stream.save()];
  void stream.push(x);
  saves.push(stream.save());
  void stream.push(y);
  const twin = stream.fork();
  saves.push(stream.save(), twin.save());
  stream.reset();
  saves.push(stream.save());
  void stream.push(x);
  void twin.push(z);
  saves.push(stream.save(), twin.save());
  const restored = model.restoreStream(await saves[2]);
  void restored.push(z);
  const fork = restored.fork();
  restored.reset();
  saves.push(restored.save(), fork.save());
  const [fresh, one, two, forked, reset, first, three, cleared, late] = (await Promise.all(saves)).map(numbersOf);
  expect(fresh).toEqual(zeros);
  expect(one).not.toEqual(zeros);
  expect(two).not.toEqual(one);
  expect(forked).toEqual(two);
  expect(reset).toEqual(zeros);
  expect(first).toEqual(one);
  expect(three).not.toEqual(two);
  expect(cleared).toEqual(zeros);
  expect(late).toEqual(three);
  expect((await stream.save()).resets).toBe(1);
  expect([stream.steps, twin.steps, fork.steps]).toEqual([3, 3, 3]);
});

test('all open streams are saved in one readback, in the order in which they were opened', async () => {
  const random = draw();
  const model = await streaming({ slots: { initial: 2, max: 40 } });
  const opened = Array.from({ length: 40 }, (_, n) => model.openStream({ name: `n${n}` }));
  await model.pushAll(opened.map((stream) => [stream, random.array(FEATURES, 1)]));
  const alone = await opened[17].save();
  for (const n of [0, 5, 6, 39]) opened[n].close();
  opened[9].reset();
  const send = vi.spyOn(Readback.prototype, 'send');
  onTestFinished(() => send.mockRestore());
  const all = await model.saveStreams();
  expect(send).toHaveBeenCalledTimes(1);
  expect(model.streams.map(({ name }) => name)).toEqual(all.map(({ name }) => name));
  expect(all).toHaveLength(36);
  expect(all.find(({ name }) => name === 'n17')).toEqual(alone);
  expect(numbersOf(all.find(({ name }) => name === 'n9')!)).toEqual(zeros);
  expect(new Set(all.map((saved) => String(numbersOf(saved)))).size).toBe(36);
});

test('while the model trains, streams are saved and restored, and a snapshot of other weights is told from one of these', async () => {
  const random = draw();
  const model = await streaming({ batchSize: 4, layers: [lstm(rnn), dense({ units: 1 })] });
  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  const x = { data: random.array(24 * 3 * FEATURES, 1), shape: [24, 3, FEATURES] };
  const y = { data: random.array(24 * 3, 1), shape: [24, 3, 1] };
  const stream = model.openStream();
  void stream.push(random.array(FEATURES, 1));
  const before = await stream.save();
  const digests = new Set<string>();
  const fit = model.fit(x, y, {
    epochs: 3,
    shuffle: false,
    callbacks: [{ onEpochEnd: async () => void digests.add((await stream.save()).fingerprint.weights) }],
  });
  const saved = await stream.save();
  await fit;
  expect(numbersOf(saved)).toEqual(numbersOf(before));
  expect(digests.size).toBe(3);
  const now = await stream.save();
  expect([...digests].at(-1)).toBe(now.fingerprint.weights);
  await model.trainOnBatch(
    { data: x.data.slice(0, 24), shape: [4, 3, FEATURES] },
    { data: y.data.slice(0, 12), shape: [4, 3, 1] },
  );
  expect((await stream.save()).fingerprint.weights).not.toBe(now.fingerprint.weights);
});

test('a snapshot of other weights is refused: at once if they are known, otherwise with the first push; or allowed', async () => {
  const random = draw();
  const model = await streaming({ slots: 2 });
  const step = random.array(FEATURES, 1);
  const stream = model.openStream();
  void stream.push(step);
  const saved = await stream.save();
  model.setWeights((await model.getWeights()).map((weight) => ({ ...weight, data: weight.data.map((w) => w + 0.1) })));

  const unknown = model.restoreStream(saved, { name: 'late' });
  const results = await Promise.allSettled([unknown.push(step), unknown.save(), unknown.push(step)]);
  for (const { status } of results) expect(status).toBe('rejected');
  await expect(Promise.reject((results[0] as PromiseRejectedResult).reason)).rejects.toThrow(SnapshotError);
  expect(unknown.isOpen).toBe(false);
  expect(() => unknown.reset()).toThrow(/made with other weights/);

  await stream.save();
  const error = errorOf(() => model.restoreStream(saved));
  expect(error).toBeInstanceOf(SnapshotError);
  expect(error.message).toMatch(
    /model.restoreStream: the snapshot was made with other weights \(digest \w{8}.*otherWeights: 'allow'/,
  );
  expect(model.streams).toEqual([stream]);

  const allowed = model.restoreStream(saved, { otherWeights: 'allow' });
  expect(numbersOf(await allowed.save())).toEqual(numbersOf(saved));
  expect((await allowed.push(step)).data).toEqual((await stream.push(step)).data);
  expect(() => model.restoreStream(saved, { otherWeights: 'allow' })).toThrow(SlotsFullError);
  allowed.close();
  expect((await model.openStream().push(step)).data).not.toEqual((await stream.push(step)).data);
});

test('weights that are set back are the same again', async () => {
  const model = await streaming();
  const weights = await model.getWeights();
  const saved = await model.openStream().save();
  model.setWeights(weights.map((weight) => ({ ...weight, data: weight.data.map((w) => -w) })));
  const stale = model.restoreStream(saved);
  model.setWeights(weights);
  const good = model.restoreStream(saved);
  await expect(stale.push([1, 2])).rejects.toThrow(SnapshotError);
  expect((await good.push([1, 2])).shape).toEqual([1]);
});

test.each<[string, LayerDefinition[], RegExp]>([
  ['more units', [lstm({ ...rnn, units: 5 })], /layer 0 is "lstm of 4 with 112 weights", expected "lstm of 5 with/],
  ['another cell', [gru(rnn)], /layer 0 is "lstm of 4.*expected "gru of 4/],
  ['another activation', [lstm({ ...rnn, activation: 'relu' })], /expected ".*, activation \\"relu\\""/],
  ['one more layer', [lstm(rnn), dense({ units: 1 })], /layer 1 is "no layer", expected "dense of 1/],
  ['masks', [masking({ maskValue: 3 }), lstm(rnn)], /layer 0 is "lstm of 4.*expected "masking of 2/],
  ['indices', [embedding({ inputDim: 3, outputDim: 2 }), lstm(rnn)], /its input is "2", expected "1"/],
])('a snapshot of another architecture is refused: one with %s', async (_name, layers, message) => {
  const model = await streaming({ layers: [lstm(rnn)] });
  const inputShape = layers[0].takesIndices ? [null] : [null, FEATURES];
  const other = await streaming({ layers, inputShape });
  const saved = await model.openStream().save();
  const error = errorOf(() => other.restoreStream(saved));
  expect(error).toBeInstanceOf(SnapshotError);
  expect(error.message).toMatch(message);
  expect(other.streams).toEqual([]);
});

test('options that mean nothing to a state may differ, such as those left out or names of a seed', async () => {
  const model = await streaming({ layers: [lstm(rnn)], batchSize: 3 });
  const spelled = lstm({
    ...rnn,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    dropout: 0.5,
    useBias: true,
    seed: 2,
  });
  const other = await streaming({ layers: [spelled], inputShape: [9, FEATURES], slots: 1 });
  other.setWeights(await model.getWeights());
  const stream = model.openStream();
  void stream.push([1, 2]);
  expect(numbersOf(await other.restoreStream(await stream.save()).save())).toEqual(numbersOf(await stream.save()));
});

const damages: [field: string, damage: (saved: any) => unknown, message: RegExp][] = [
  ['nothing at all', () => undefined, /got undefined, expected a snapshot/],
  ['a text', () => 'saved', /got "saved", expected a snapshot/],
  ['a promise', async (saved) => saved, /got a Promise, which must be awaited, expected a snapshot/],
  ['a later version', (saved) => ({ ...saved, version: 2 }), /version of the snapshot is 2, expected 1/],
  ['no name', (saved) => ({ ...saved, name: undefined }), /name of the snapshot is undefined/],
  ['an empty name', (saved) => ({ ...saved, name: '' }), /name of the snapshot is "", expected a text/],
  ['half a step', (saved) => ({ ...saved, steps: 0.5 }), /steps of the snapshot is 0.5/],
  ['fewer resets than none', (saved) => ({ ...saved, resets: -1 }), /resets of the snapshot is -1/],
  ['no fingerprint', (saved) => ({ ...saved, fingerprint: null }), /fingerprint.weights of the snapshot is undefined/],
  [
    'no digest',
    (saved) => ({ ...saved, fingerprint: { ...saved.fingerprint, weights: 'latest' } }),
    /fingerprint.weights of the snapshot is "latest"/,
  ],
  [
    'no architecture',
    ({ fingerprint, ...saved }) => ({ ...saved, fingerprint: { weights: fingerprint.weights } }),
    /fingerprint.architecture of the snapshot is undefined/,
  ],
  [
    'no states',
    (saved) => ({ ...saved, states: {} }),
    /states of the snapshot is an empty object, expected a list of 6/,
  ],
  [
    'a state too few',
    (saved) => ({ ...saved, states: saved.states.slice(1) }),
    /states of the snapshot is \[an object.*expected a list of 6/,
  ],
  ['states in another order', (saved) => ({ ...saved, states: saved.states.toReversed() }), /states\[0\].name/],
  ['a state missing', (saved) => ({ ...saved, states: [...saved.states.slice(1), null] }), /states\[0\].name/],
  ['another shape', (saved) => withState(saved, { shape: [1, 5] }), /states\[3\].shape of the snapshot is \[1, 5\]/],
  [
    'a number too few',
    (saved) => withState(saved, { data: new Float32Array(4) }),
    /states\[3\].data.*expected 5 numbers/,
  ],
  [
    'what JSON makes of numbers',
    (saved) => JSON.parse(JSON.stringify(saved)),
    /states\[0\].data.*use snapshotsToBuffer/,
  ],
  [
    'too large numbers',
    (saved) => withState(saved, { data: [0, 0, 1e39, 0, 0] }),
    /states\[3\].data\[2\] of the snapshot is 1e\+39, expected a number that float32 can.*is that of stream "stream_0"/,
  ],
  ['NaN as JSON has it', (saved) => withState(saved, { data: [0, 0, null, 0, 0] }), /is null, expected a number/],
  ['texts', (saved) => withState(saved, { data: ['0', 0, 0, 0, 0] }), /is "0", expected a number/],
  ['a hole', (saved) => withState(saved, { data: [0, 0, 0, 0, undefined] }), /is undefined, expected a number/],
  ['bigints', (saved) => withState(saved, { data: new BigInt64Array(5) }), /is 0n, expected a number/],
];

function withState(saved: StreamSnapshot, change: object) {
  return { ...saved, states: saved.states.map((state, n) => (n === 3 ? { ...state, ...change } : state)) };
}

test('a damaged snapshot is refused with the field, and takes nothing', async () => {
  const model = await streaming();
  const stream = model.openStream();
  void stream.push([1, 2]);
  const saved = await stream.save();
  for (const [, damage, message] of damages) {
    const error = errorOf(() => model.restoreStream(damage(saved) as StreamSnapshot));
    expect(error).toBeInstanceOf(SnapshotError);
    expect(error.message).toMatch(message);
  }
  expect(model.streams).toEqual([stream]);
  expect(model.restoreStream(withState(saved, { data: [...saved.states[3].data] })).isOpen).toBe(true);
});

test('a snapshot with NaN and infinite numbers is restored as it is', async () => {
  const model = await streaming();
  const saved = withState(await model.openStream().save(), { data: [NaN, Infinity, -Infinity, 0, -2] });
  expect(numbersOf(await model.restoreStream(saved).save())[3]).toEqual([NaN, Infinity, -Infinity, 0, -2]);
});

test('names and options are checked, and what is closed or disposed cannot be saved', async () => {
  const model = await streaming({ slots: 3 });
  const stream = model.openStream({ name: 'one' });
  const saved = await stream.save();
  const refused: [call: () => unknown, message: RegExp][] = [
    [() => model.openStream({ name: 'one' }), /model.openStream: an open stream has the name "one"/],
    [() => stream.fork({ name: 'one' }), /stream.fork: an open stream has the name "one"/],
    [() => model.restoreStream(saved, { name: 'one' }), /model.restoreStream: an open stream has the name "one"/],
    [() => model.openStream({ name: '' }), /name is ""/],
    [() => model.openStream({ title: 'one' } as object), /no option "title"/],
    [() => stream.fork({ label: 'one' } as object), /no option "label"/],
    [() => model.restoreStream(saved, { otherWeights: 'all' as 'allow' }), /otherWeights is "all"/],
  ];
  for (const [call, message] of refused) {
    expect(errorOf(call)).toBeInstanceOf(ValueError);
    expect(call).toThrow(message);
  }
  expect(model.streams).toEqual([stream]);
  stream.close();
  await expect(stream.save()).rejects.toThrow(DisposedError);
  expect(model.openStream({ name: 'one' }).name).toBe('one');
  const plain = await streaming({ slots: undefined, batchSize: 1 });
  expect(() => plain.restoreStream(saved)).toThrow(/no slots for streams/);
  expect(await plain.saveStreams()).toEqual([]);
  const [open] = model.streams;
  void open.push([1, 2]).catch(() => {});
  const pending = model.saveStreams();
  model.dispose();
  await expect(pending).rejects.toThrow(DisposedError);
  await expect(model.saveStreams()).rejects.toThrow(DisposedError);
});
