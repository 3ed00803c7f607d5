import { expect, onTestFinished, test } from 'vitest';
import {
  dense,
  DisposedError,
  lstm,
  sequential,
  SlotsFullError,
  type SlotsOptions,
  type Stream,
  type StreamSnapshot,
} from '../../../../src/index.ts';
import { errorOf } from '../../../harness/error-of.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;
const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 1 })];

async function streaming(slots: number | SlotsOptions) {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots, seed: 3, layers });
  onTestFinished(() => model.dispose());
  return model;
}

test('more sequences than slots go on, each from where it was evicted, as they do with a slot for each', async () => {
  const random = rng(randomSeed());
  const SEQUENCES = 9;
  const saved = new Map<string, StreamSnapshot>();
  const arrived: (() => void)[] = [];
  const model = await streaming({
    initial: 2,
    max: 4,
    onEvict: (snapshot, { name }) => {
      saved.set(name, snapshot);
      for (const tell of arrived.splice(0)) tell();
    },
  });
  const plain = await streaming(SEQUENCES);
  const known = Array.from({ length: SEQUENCES }, () => plain.openStream());
  const streams = new Map<number, Stream>();
  /** The stream of a sequence, which is restored if it was evicted. */
  const streamOf = async (n: number) => {
    const before = streams.get(n);
    if (before?.isOpen) return before;
    const name = `sequence ${n}`;
    while (before && !saved.has(name)) await new Promise<void>((resolve) => arrived.push(resolve));
    const stream = before ? model.restoreStream(saved.get(name)!) : model.openStream({ name });
    saved.delete(name);
    streams.set(n, stream);
    return stream;
  };
  const outputs: Promise<{ data: Float32Array }>[] = [];
  const expected: Promise<{ data: Float32Array }>[] = [];
  for (let turn = 0; turn < 120; turn++) {
    const n = random.integer(0, SEQUENCES - 1);
    const step = random.array(FEATURES, 1);
    outputs.push((await streamOf(n)).push(step));
    expected.push(known[n].push(step));
  }
  const [actual, wanted] = await Promise.all([outputs, expected].map((pushes) => Promise.all(pushes)));
  const flat = (all: { data: Float32Array }[]) => Float32Array.from(all.flatMap(({ data }) => [...data]));
  expectClose(flat(actual), flat(wanted), {
    atol: 2e-6,
    rtol: 1e-5,
    reason: 'pushes are joined otherwise',
    what: 'outputs',
  });
  expect(model.streams.length).toBe(4);
  expect([...streams.values()].reduce((sum, { steps }) => sum + steps, 0)).toBe(120);
});

test('the least recently used stream goes: what was pushed, reset or forked last stays, and a fork never evicts its source', async () => {
  const evicted: string[] = [];
  const model = await streaming({ max: 3, onEvict: (_saved, { name }) => evicted.push(name) });
  const [a, b, c] = ['a', 'b', 'c'].map((name) => model.openStream({ name }));
  a.reset();
  const output = b.push([1, 2]);
  await model.saveStreams();
  model.openStream({ name: 'd' }); // evicts c
  a.fork({ name: 'e' }); // evicts b, whose output still comes
  expect([a, b, c].map(({ isOpen }) => isOpen)).toEqual([true, false, false]);
  expect((await output).shape).toEqual([1]);
  await expect.poll(() => evicted).toEqual(['c', 'b']);
  expect(() => b.reset()).toThrow(/evicted by stream.fork.*restoreStream/);
  await expect(c.push([1, 2])).rejects.toThrow(DisposedError);
  b.close();

  const single = await streaming({ max: 1, onEvict: () => {} });
  const only = single.openStream();
  expect(() => only.fork()).toThrow(SlotsFullError);
  expect(only.isOpen).toBe(true);
  single.openStream();
  expect(only.isOpen).toBe(false);
});

test('the snapshot is that of the last push, and the slot is clean for the next stream', async () => {
  const saved: Promise<StreamSnapshot>[] = [];
  let arrive!: (snapshot: StreamSnapshot) => void;
  saved.push(
    new Promise((resolve) => {
      arrive = resolve;
    }),
  );
  const model = await streaming({ max: 1, onEvict: (snapshot) => arrive(snapshot) });
  const first = model.openStream();
  const outputs = [first.push([1, 2]), first.push([3, 4])];
  const second = model.openStream();
  const [one] = await Promise.all([...outputs, second.push([5, 6])]);
  second.reset();
  expect((await second.push([1, 2])).data).toEqual(one.data);
  const snapshot = await saved[0];
  const plain = await streaming(1);
  const same = plain.openStream();
  void same.push([1, 2]);
  void same.push([3, 4]);
  expect(snapshot).toEqual({ ...(await same.save()), name: snapshot.name });
});

test('errors of onEvict are thrown by the next calls, one each, and nothing else is lost', async () => {
  const thrown = [new Error('no room'), new Error('later')];
  const model = await streaming({
    max: 1,
    onEvict: (_saved, { name }) => {
      if (name === 'a') throw thrown[0];
      return name === 'b' ? Promise.reject(thrown[1]) : undefined;
    },
  });
  model.openStream({ name: 'a' });
  model.openStream({ name: 'b' });
  const stream = model.openStream({ name: 'c' });
  await expect.poll(() => errorOf(() => model.resetStates())).toBe(thrown[0]);
  await expect.poll(() => errorOf(() => model.resetStates())).toBe(thrown[1]);
  expect((await stream.push([1, 2])).shape).toEqual([1]);
  expect(stream.steps).toBe(1);
});

test('without onEvict full slots are an error, and after the end of a model nothing is evicted', async () => {
  const full = await streaming({ max: 1 });
  full.openStream();
  expect(() => full.openStream()).toThrow(SlotsFullError);
  let count = 0;
  const model = await streaming({ max: 1, onEvict: () => count++ });
  const pending = model.openStream().push([1, 2]);
  model.openStream();
  model.dispose();
  await expect(pending).rejects.toThrow(DisposedError);
  expect(() => model.openStream()).toThrow(DisposedError);
  await gpu.settled();
  expect(count).toBe(0);
  await expect(streaming({ max: 1, onEvict: 'drop' as never })).rejects.toThrow(/onEvict is "drop"/);
});
