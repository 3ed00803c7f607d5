import { expect, onTestFinished, test } from 'vitest';
import {
  indexedDbStorage,
  loadModel,
  memoryStorage,
  readSnapshots,
  rebuildModel,
  saveModel,
  snapshotModel,
  writeSnapshots,
} from '../../../src/formats/index.ts';
import { adam, dense, lstm, requestGpu, sequential, type Gpu, type Model } from '../../../src/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';

const FEATURES = 2;
const STEPS = 3;
const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 1 })];

async function streaming(on: Gpu, slots: number | { initial?: number; max: number } = { initial: 2, max: 8 }) {
  const model = await sequential(on, { inputShape: [STEPS, FEATURES], slots, batchSize: 4, seed: 3, layers });
  if (on === gpu) onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  return model;
}

function batchOf({ array }: ReturnType<typeof rng>) {
  const x = { data: array(4 * STEPS * FEATURES, 1), shape: [4, STEPS, FEATURES] };
  return [x, { data: array(4 * STEPS, 1), shape: [4, STEPS, 1] }] as const;
}

test('after the loss of a device a model and its streams go on on another with the same bits, and what was not saved is told', async () => {
  const random = rng(randomSeed());
  const [x, y] = batchOf(random);
  const steps = Array.from({ length: 4 }, () => random.array(FEATURES, 1));
  const doomed = await requestGpu({ tuning: 'off' });
  const [model, plain] = [await streaming(doomed), await streaming(gpu)];
  /** Does the same with both models up to the snapshot. */
  const begin = async (each: Model) => {
    await each.trainOnBatch(x, y);
    const [a, b] = [each.openStream({ name: 'a' }), each.openStream({ name: 'b' })];
    await a.push(steps[0]);
    await b.push(steps[1]);
    b.reset();
    each.openStream({ name: 'c' });
    await each.trainOnBatch(x, y);
    return [a, b];
  };
  const [a, b] = await begin(model);
  const expected = await begin(plain);
  const saved = structuredClone(await snapshotModel(model));

  await a.push(steps[2]);
  await a.push([...steps[2], ...steps[3]]);
  b.reset();
  model.streams[2].close();
  await model.openStream({ name: 'd' }).push(steps[0]);
  await model.trainOnBatch(x, y);
  doomed.device.destroy();
  await doomed.lost;

  const { model: again, streams, notSaved } = await rebuildModel(gpu, saved, { lost: model });
  onTestFinished(() => again.dispose());
  expect(notSaved).toEqual({
    updates: 1,
    streams: [
      { name: 'a', steps: 3, resets: 0, isOpenedSince: false },
      { name: 'b', steps: 0, resets: 1, isOpenedSince: false },
      { name: 'd', steps: 1, resets: 0, isOpenedSince: true },
    ],
  });
  expect([...streams.keys()]).toEqual(['a', 'b']);
  expect(again.toJSON().slots).toEqual({ initial: 2, max: 8 });
  for (const [n, name] of ['a', 'b'].entries()) {
    expect((await streams.get(name)!.push(steps[3])).data).toEqual((await expected[n].push(steps[3])).data);
  }
  expect(await again.trainOnBatch(x, y)).toEqual(await plain.trainOnBatch(x, y));
  expect(again.iterations).toBe(3);
});

test('while a model trains, its snapshot is of one moment: the streams fit the weights', async () => {
  const random = rng(randomSeed());
  const [x, y] = batchOf(random);
  const model = await streaming(gpu);
  void model.openStream().push(random.array(FEATURES, 1));
  const fit = model.fit(x, y, { epochs: 20 });
  const saved = await snapshotModel(model);
  await fit;
  const { model: again, notSaved } = await rebuildModel(gpu, saved);
  onTestFinished(() => again.dispose());
  expect(notSaved).toBeUndefined();
  // Weights are read and compared here, which rebuildModel takes for granted.
  const compared = again.restoreStream(saved.streams[0], { name: 'compared' });
  expect((await compared.push([1, 2])).shape).toEqual([1]);
});

test('a stream with NaN in its state, and weights that have become NaN, keep no other stream from being restored', async () => {
  const random = rng(randomSeed());
  const model = await streaming(gpu);
  const [well, ill] = [model.openStream({ name: 'well' }), model.openStream({ name: 'ill' })];
  const buffer = gpu.device.createBuffer({ size: 8, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  onTestFinished(() => buffer.destroy());
  gpu.device.queue.writeBuffer(buffer, 0, new Float32Array([NaN, 1]));
  await Promise.all([well.push(random.array(FEATURES, 1)), ill.push({ buffer, shape: [2] })]);
  const { streams: states, contents } = await snapshotModel(model);
  expect(states.map(({ states: [{ data }] }) => data.some(Number.isNaN))).toEqual([false, true]);
  const storage = memoryStorage();
  await writeSnapshots(storage, states);
  const { model: again, streams } = await rebuildModel(gpu, { contents, streams: (await readSnapshots(storage))! });
  onTestFinished(() => again.dispose());
  expect(await again.saveStreams()).toEqual(states);
  const x = random.array(FEATURES, 1);
  expect((await streams.get('well')!.push(x)).data).toEqual((await well.push(x)).data);

  // Training that diverges leaves NaN in the weights and in the memory of the optimizer.
  model.setWeights((await model.getWeights()).map((weight) => ({ ...weight, data: weight.data.map(() => NaN) })));
  await model.trainOnBatch(...batchOf(random));
  const { model: diverged, streams: since } = await rebuildModel(gpu, await snapshotModel(model));
  onTestFinished(() => diverged.dispose());
  expect([...since.keys()]).toEqual(['well', 'ill']);
});

test('a rebuild that fails leaves no model, and says what is wrong', async () => {
  const model = await streaming(gpu);
  for (const name of ['a', 'b']) model.openStream({ name });
  const saved = await snapshotModel(model);
  await expect(rebuildModel(gpu, saved, { slots: 1 })).rejects.toThrow(/all 1 slots/);
  await expect(rebuildModel(gpu, saved, { lost: {} as Model })).rejects.toThrow(/lost: model is/);
  await expect(rebuildModel(gpu, {} as typeof saved)).rejects.toThrow('rebuildModel: saved.streams is missing');
  const [first] = saved.streams;
  const damaged = { ...saved, streams: [first, { ...first, states: [] }] };
  await expect(rebuildModel(gpu, damaged)).rejects.toThrow(/states of the snapshot/);
  await expect(snapshotModel(undefined!)).rejects.toThrow('snapshotModel: model is undefined');
});

test.each(['keras', 'safetensors'] as const)(
  'a file of format %s holds the slots, and its model the streams',
  async (format) => {
    const model = await streaming(gpu);
    const stream = model.openStream({ name: 'kept' });
    await stream.push([1, 2]);
    const storage = indexedDbStorage(`streams ${format}`);
    await writeSnapshots(storage, await model.saveStreams());
    const file = await saveModel(model, { format });
    const loaded = await loadModel(gpu, file);
    onTestFinished(() => loaded.dispose());
    expect(loaded.toJSON().slots).toEqual({ initial: 2, max: 8 });
    const [saved] = (await readSnapshots(storage))!;
    await storage.delete();
    expect((await loaded.restoreStream(saved).push([3, 4])).data).toEqual((await stream.push([3, 4])).data);
    const other = await loadModel(gpu, file, { slots: 1 });
    onTestFinished(() => other.dispose());
    expect(other.toJSON().slots).toEqual({ initial: 1, max: 1 });
  },
);
