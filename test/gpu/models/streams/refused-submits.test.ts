import { expect, onTestFinished, test } from 'vitest';
import { dense, lstm, requestGpu, sequential, type Gpu, type StreamSnapshot } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { refuseBuffer } from '../builders/refuse-buffer.ts';

// What the device refuses only after it was submitted: the library learns it when later calls may have been sent already.

/** A device of the test's own, since it refuses memory. */
async function ownGpu(): Promise<Gpu> {
  const gpu = await requestGpu({ tuning: 'off' });
  onTestFinished(() => gpu.dispose());
  return gpu;
}

const FEATURES = 2;

function streaming(gpu: Gpu, features = FEATURES) {
  const layers = [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: FEATURES })];
  return sequential(gpu, { inputShape: [null, features], slots: 8, layers, seed: 2 });
}

/** Lets the device refuse the memory into which the n-th submit is read, from 0 on. What it returns undoes that. */
function refuseSubmit(gpu: Gpu, n = 0): () => void {
  // Staging memory of former readings would be used again.
  gpu.readback.dispose();
  let left = n;
  return refuseBuffer(gpu.device, (label) => label === 'readback staging' && left-- === 0);
}

const statesOf = ({ states }: StreamSnapshot) => states.flatMap(({ data }) => [...data]);
const draw = () => rng(randomSeed());

test('calls right behind a refused push that was reset find a state of zero, whoever they belong to', async () => {
  const random = draw();
  const gpu = await ownGpu();
  const model = await streaming(gpu);
  const step = random.array(FEATURES, 1);
  const fresh = await model.openStream().push(step);
  const stream = model.openStream();
  await stream.push(random.array(FEATURES, 1));
  await stream.save();

  stream.reset();
  const restore = refuseSubmit(gpu);
  const refused = stream.push(random.array(FEATURES, 1)).catch(String);
  const saved = stream.save();
  const fork = stream.fork();
  const outputs = [stream.push(step), fork.push(step)];
  expect(await refused).toContain('stream.push: the GPU refused');
  restore();
  expect(new Set(statesOf(await saved))).toEqual(new Set([0]));
  for (const { data } of await Promise.all(outputs)) expect(data).toEqual(fresh.data);
});

test('a stream whose first push is refused has no output to go on from, also for a call right behind', async () => {
  const gpu = await ownGpu();
  const model = await streaming(gpu);
  // Its slot is that of another stream, which has left an output there.
  const former = model.openStream();
  await former.push([1, 2]);
  former.close();
  const stream = model.openStream();
  const restore = refuseSubmit(gpu);
  const refused = stream.push([5, 6]).catch(String);
  const generated = stream.generate(3, { feedback: true }).catch(String);
  expect(await refused).toContain('the GPU refused');
  expect(await generated).toContain('nothing was pushed');
  restore();
  expect(stream.steps).toBe(0);
});

test('a chunk whose first steps are refused changes nothing, and is refused as a whole', async () => {
  const random = draw();
  const gpu = await ownGpu();
  const WIDE = 3000;
  const model = await streaming(gpu, WIDE);
  const [stream, other] = [model.openStream(), model.openStream()];
  const long = new Float32Array(200 * WIDE).fill(0.01);
  const step = random.array(WIDE, 0.1);
  await stream.push(step);
  const before = await stream.save();
  // So many numbers take more than one submit, and those behind the refused one must not be computed.
  const restore = refuseSubmit(gpu);
  const pushes = [stream.push(long), stream.push(step)].map((push) =>
    expect(push).rejects.toThrow('stream.push: the GPU refused a command'),
  );
  await Promise.all(pushes);
  restore();
  expect(await stream.save()).toEqual(before);
  await stream.push(step);
  expect(stream.steps).toBe(2);
  expect((await other.push(step)).shape).toEqual([FEATURES]);
});

test('a chunk that is refused after some of its steps spoils its stream, which says so until it is reset', async () => {
  const random = draw();
  const gpu = await ownGpu();
  const WIDE = 3000;
  const model = await streaming(gpu, WIDE);
  const stream = model.openStream();
  const long = new Float32Array(200 * WIDE).fill(0.01);
  const step = random.array(WIDE, 0.1);
  const fresh = await stream.push(step);
  const restore = refuseSubmit(gpu, 1);
  await expect(stream.push(long)).rejects.toThrow('stream.push: the GPU refused');
  restore();
  for (const call of [stream.push(step), stream.save(), stream.inspect(), stream.fork().push(step)])
    await expect(call).rejects.toThrow('Some steps were computed: reset the stream.');
  expect(stream.steps).toBe(1);
  const saved = await model.openStream().save();
  stream.reset();
  expect((await stream.push(step)).data).toEqual(fresh.data);
  expect(statesOf(await stream.save())).not.toEqual(statesOf(saved));
});

test('the memory through which a state is copied is there before a fork, which nothing can refuse', async () => {
  const owner = await ownGpu();
  // On a device of the caller's nobody would tell that a copy was refused.
  const gpu = await requestGpu({ device: owner.device, tuning: 'off' });
  const model = await streaming(gpu);
  const stream = model.openStream();
  await stream.push([1, 2]);
  const restore = refuseBuffer(owner.device, (label) => label === 'moved state');
  const output = stream.fork().push([0.5, 0.5]);
  const expected = stream.push([0.5, 0.5]);
  const [one, other] = await Promise.all([output, expected]);
  restore();
  expect(one.data).toEqual(other.data);
});

test('inspect gives the steps of the last push that was not refused', async () => {
  const gpu = await ownGpu();
  const model = await streaming(gpu);
  const stream = model.openStream({ trace: true });
  await stream.push([1, 2]);
  const [before] = await stream.inspect();
  const restore = refuseSubmit(gpu);
  await expect(stream.push([3, 4])).rejects.toThrow('the GPU refused');
  restore();
  expect(await stream.inspect()).toMatchObject([before]);
});
