import { expect, onTestFinished, test } from 'vitest';
import {
  bidirectional,
  BusyError,
  conv1d,
  dense,
  DisposedError,
  lastStep,
  lstm,
  masking,
  repeatVector,
  sequential,
  trainMany,
  adam,
  type Model,
} from '../../../../src/index.ts';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { UpdateQueue } from '../../../../src/models/training/engine/update-queue.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;
const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 1 })];

async function streaming({ slots = 4, batchSize }: { slots?: number; batchSize?: number } = {}): Promise<Model> {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots, batchSize, seed: 3, layers });
  onTestFinished(() => model.dispose());
  return model;
}

const draw = () => rng(randomSeed());

test('a step, a chunk and a flat list of steps are told apart', async () => {
  const model = await streaming();
  const stream = model.openStream();
  expect((await stream.push([1, 2])).shape).toEqual([1]);
  expect((await stream.push([[1, 2]])).shape).toEqual([1, 1]);
  expect((await stream.push([1, 2, 3, 4])).shape).toEqual([2, 1]);
  expect((await stream.push({ data: [1, 2, 3, 4, 5, 6], shape: [3, 2] })).shape).toEqual([3, 1]);
  await expect(stream.push([1, 2, 3])).rejects.toThrow(/stream.push has shape \[3\], expected/);
  await expect(stream.push([[1], [2]])).rejects.toThrow(/features = 2/);
  await expect(stream.push([])).rejects.toThrow(/stream.push/);
  await expect(stream.push([NaN, 1])).rejects.toThrow(/NaN/);
});

test('arrays may be used again at once, and a refused push leaves the stream as it was', async () => {
  const random = draw();
  const model = await streaming();
  const [one, other] = [model.openStream(), model.openStream()];
  const steps = Array.from({ length: 9 }, () => random.array(FEATURES, 1));
  const reused = new Float32Array(FEATURES);
  const first = steps.map((step) => {
    reused.set(step);
    return one.push(reused);
  });
  const second: number[] = [];
  for (const step of steps) {
    await expect(other.push([1, 2, 3])).rejects.toThrow('stream.push has shape [3]');
    second.push((await other.push(step)).data[0]);
  }
  const close = (await Promise.all(first)).map(({ data }) => data[0]);
  close.forEach((value, n) => expect(value).toBeCloseTo(second[n], 5));
});

test('a reset, new weights and a fork have their place among pushes that are not awaited', async () => {
  const random = draw();
  const [model, plain] = [await streaming(), await streaming()];
  const weights = (await model.getWeights()).map((weight) => ({
    ...weight,
    data: random.array(weight.data.length, 0.5),
  }));
  const x = Array.from({ length: 5 }, () => random.array(FEATURES, 1));

  const stream = model.openStream();
  const before = [stream.push(x[0]), stream.push(x[1])];
  const fork = stream.fork();
  stream.reset();
  const reset = stream.push(x[2]);
  model.setWeights(weights);
  const [after, forked] = [stream.push(x[3]), fork.push(x[4])];

  const same = plain.openStream();
  const expected = [await same.push(x[0]), await same.push(x[1])];
  const saved = same.fork();
  same.reset();
  expected.push(await same.push(x[2]));
  plain.setWeights(weights);
  expected.push(await same.push(x[3]), await saved.push(x[4]));
  const outputs = await Promise.all([...before, reset, after, forked]);
  outputs.forEach(({ data }, n) => expect(data[0]).toBeCloseTo(expected[n].data[0], 5));
});

test('streams and training are apart: neither changes what the other computes, at the same weights', async () => {
  const random = draw();
  const SAMPLES = 24;
  const x = { data: random.array(SAMPLES * 3 * FEATURES, 1), shape: [SAMPLES, 3, FEATURES] };
  const y = { data: random.array(SAMPLES * 3, 1), shape: [SAMPLES, 3, 1] };
  const [busy, plain] = [await streaming({ batchSize: 4 }), await streaming({ batchSize: 4 })];
  for (const model of [busy, plain]) model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  const stream = busy.openStream();
  const step = random.array(FEATURES, 1);
  const before = await stream.push(step);
  const outputs: number[] = [];
  let isTraining = true;
  const fit = busy.fit(x, y, { epochs: 8, shuffle: false }).finally(() => {
    isTraining = false;
  });
  while (isTraining) {
    stream.reset();
    outputs.push((await stream.push(step)).data[0]);
  }
  expect((await fit).history).toEqual((await plain.fit(x, y, { epochs: 8, shuffle: false })).history);
  expect(await busy.getWeights()).toEqual(await plain.getWeights());
  expect(await busy.getStates()).toEqual(await plain.getStates());
  expect(outputs.length).toBeGreaterThan(1);
  const trained = plain.openStream();
  stream.reset();
  expect((await stream.push(step)).data).toEqual((await trained.push(step)).data);
  expect((await stream.push(step)).data).not.toEqual(before.data);
});

test('an iterable of chunks is asked for one chunk after the other, and told when no more are wanted', async () => {
  const model = await streaming();
  const stream = model.openStream();
  const asked: number[] = [];
  let isClosed = false;
  async function* source() {
    try {
      for (let n = 0; n < 10; n++) {
        asked.push(n);
        yield [n, 1];
      }
    } finally {
      isClosed = true;
    }
  }
  let count = 0;
  for await (const { shape } of stream.process(source())) {
    expect(shape).toEqual([1]);
    expect(asked).toHaveLength(++count);
    if (count === 4) break;
  }
  expect(isClosed).toBe(true);
  const wrong = stream.process([
    [1, 2],
    [1, 2, 3],
  ]);
  await wrong.next();
  await expect(wrong.next()).rejects.toThrow(/stream.process: chunk 1/);
});

test('what is refused says so and changes nothing', async () => {
  const [model, other] = [await streaming({ slots: 2 }), await streaming()];
  const [one, two] = [model.openStream(), model.openStream()];
  expect(() => model.openStream()).toThrow(/all 2 slots/);
  expect(() => one.fork()).toThrow(/stream.fork: all 2 slots/);
  const first = await one.push([1, 2]);
  await expect(
    model.pushAll([
      [one, [1, 2]],
      [two, [1]],
    ]),
  ).rejects.toThrow(/chunks\[1\]/);
  await expect(model.pushAll([[other.openStream(), [1, 2]]])).rejects.toThrow(/another model/);
  one.reset();
  expect((await one.push([1, 2])).data).toEqual(first.data);
  two.close();
  two.close();
  expect(two.isOpen).toBe(false);
  await expect(two.push([1, 2])).rejects.toThrow(/closed/);
  expect(() => two.reset()).toThrow(/closed/);
  expect((await model.openStream().push([1, 2])).data).toEqual(first.data);
  model.dispose();
  await expect(one.push([1, 2])).rejects.toThrow(/disposed/);
});

test('a fork that is refused, since a callback of evaluate has not returned, takes no slot', async () => {
  const model = await streaming({ slots: 2, batchSize: 1 });
  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  const stream = model.openStream();
  const onTestBatchEnd = async () => {
    await gpu.settled();
    expect(() => stream.fork()).toThrow(BusyError);
  };
  await model.evaluate([[[1, 2]]], [[[1]]], { callbacks: [{ onTestBatchEnd }] });
  expect(stream.fork().isOpen).toBe(true);
});

test('a model that is disposed at any moment of a push leaves no buffer, and the push ends', async () => {
  const { live, stop } = watchBuffers(gpu.device, (label) => label !== 'readback staging');
  onTestFinished(stop);
  for (let microtasks = 0; microtasks < 30; microtasks++) {
    const model = await streaming();
    const [push] = await Promise.all([
      Promise.allSettled([model.openStream().push([1, 2])]),
      (async () => {
        for (let n = 0; n < microtasks; n++) await Promise.resolve();
        model.dispose();
      })(),
    ]);
    expect(push[0]).toMatchObject({ status: 'rejected', reason: expect.any(DisposedError) as Error });
  }
  expect(live()).toEqual({ count: 0, bytes: 0 });
});

test('a closed stream still gives what was pushed before, and its slot is clean for the next', async () => {
  const model = await streaming({ slots: 1 });
  const [x, next] = [
    [1, 2],
    [0.5, -1],
  ];
  const first = model.openStream();
  const pending = first.push(x);
  first.close();
  const second = model.openStream();
  const outputs = await Promise.all([pending, second.push(next)]);
  second.reset();
  expect((await second.push(x)).data).toEqual(outputs[0].data);
  second.reset();
  expect((await second.push(next)).data).toEqual(outputs[1].data);
});

test.each([
  [
    'a layer without state',
    [lstm({ units: 2, returnSequences: true }), lstm({ units: 2, stateful: true })],
    'is not stateful',
  ],
  ['no stateful layer', [dense({ units: 2 })], 'no layer is stateful'],
  [
    'a bidirectional layer',
    [bidirectional(lstm({ units: 2, stateful: true, returnSequences: true }))],
    'bidirectional',
  ],
  ['a backward layer', [lstm({ units: 2, stateful: true, goBackwards: true })], 'whole sequences'],
  ['a convolution', [conv1d({ filters: 2, kernelSize: 3 }), lstm({ units: 2, stateful: true })], 'conv1d'],
  [
    'a last step of what is masked behind all recurrent layers',
    [lstm({ units: 2, stateful: true, returnSequences: true }), masking(), lastStep()],
    'follows masking with no recurrent layer between',
  ],
  [
    'a repeated vector',
    [lstm({ units: 2, stateful: true }), repeatVector(3), lstm({ units: 2, stateful: true })],
    'repeatVector',
  ],
])('slots are refused with %s', async (_name, each, message) => {
  await expect(sequential(gpu, { inputShape: [6, FEATURES], slots: 2, layers: each })).rejects.toThrow(message);
});

test('a model without slots has no streams', async () => {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], batchSize: 2, layers });
  onTestFinished(() => model.dispose());
  expect(() => model.openStream()).toThrow(/slots: 64/);
});

test('pushes go on while trainMany moves the memory of models, and give what those of an idle model do', async () => {
  const random = draw();
  const small = [lstm({ units: 4, stateful: true, returnSequences: false }), dense({ units: 1 })];
  const make = async () => {
    const model = await sequential(gpu, { inputShape: [3, FEATURES], batchSize: 2, slots: 3, seed: 8, layers: small });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: adam({ learningRate: 0 }), loss: 'meanSquaredError' });
    return model;
  };
  const [first, second, idle] = [await make(), await make(), await make()];
  const x = { data: random.array(8 * 3 * FEATURES, 1), shape: [8, 3, FEATURES] };
  const y = random.array(8, 1);
  const [streams, quiet] = [[first.openStream(), second.openStream()], idle.openStream()];
  const chunks = Array.from({ length: 40 }, () => random.array(FEATURES * random.integer(1, 4), 1));
  const training = trainMany([first, second], x, y, { epochs: 30 });
  for (const chunk of chunks) {
    const [one, other] = await Promise.all(streams.map((stream) => stream.push(chunk)));
    const expected = await quiet.push(chunk);
    expect(one.data).toEqual(expected.data);
    expect(other.data).toEqual(expected.data);
  }
  await training;
});

test('what is queued while programs are timed or memory moves waits for that', async () => {
  const queue = new UpdateQueue(gpu);
  const order: string[] = [];
  const work = {
    prepare: async () => order.push('prepared'),
    send: () => {
      order.push('sent');
      return { updates: 1, work: 1, isLast: true };
    },
    fail: () => order.push('failed'),
  };
  await queue.exclusively(async () => {
    order.push('moving');
    queue.pushWork(work);
    queue.flushSoon();
    await gpu.settled();
    order.push('moved');
  });
  await queue.flush();
  expect(order).toEqual(['moving', 'moved', 'prepared', 'sent']);
});
