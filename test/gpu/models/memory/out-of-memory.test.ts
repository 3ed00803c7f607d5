import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  adam,
  dense,
  LimitError,
  lstm,
  requestGpu,
  sequential,
  ShaderError,
  trainMany,
  type Gpu,
  type Model,
} from '../../../../src/index.ts';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { array } from '../builders/make-model.ts';

async function openGpu(isOwn: boolean): Promise<Gpu> {
  if (isOwn) return requestGpu({ tuning: 'off' });
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  return requestGpu({ device: await adapter.requestDevice(), tuning: 'off' });
}

/** A device for each kind, which lasts for all tests: they run the same kernels, and those compile for long. */
const gpus = new Map<boolean, Gpu>();

afterAll(() => {
  for (const gpu of gpus.values()) {
    gpu.dispose();
    gpu.device.destroy();
  }
});

async function setUp(isOwn: boolean) {
  const gpu = gpus.get(isOwn) ?? (await openGpu(isOwn));
  gpus.set(isOwn, gpu);
  const { device } = gpu;
  // Tests replace it on the device itself.
  onTestFinished(() => void Reflect.deleteProperty(device, 'createBuffer'));
  const layers = [lstm({ units: 2 }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [null, 1], seed: 7, layers });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  return { gpu, device, model };
}

/** Makes the device refuse whatever `isRefused` names, with an error that is genuine. */
function refuse(device: GPUDevice, isRefused: (label: string) => boolean) {
  const create = device.createBuffer.bind(device);
  let isOn = true;
  device.createBuffer = (descriptor) =>
    isOn && isRefused(descriptor.label ?? '')
      ? create({ ...descriptor, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE })
      : create(descriptor);
  return () => {
    isOn = false;
  };
}

const STEPS = 3;
const x = array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2, STEPS, 1]);
const y = array([0, 1], [2, 1]);

const calls: [string, (model: Model) => Promise<unknown>][] = [
  ['fit', (model) => model.fit(x, y)],
  ['evaluate', (model) => model.evaluate(x, y)],
  ['predict', (model) => model.predict(x)],
  ['trainOnBatch', (model) => model.trainOnBatch(x, y)],
  ['testOnBatch', (model) => model.testOnBatch(x, y)],
  ['predictOnBatch', (model) => model.predictOnBatch(x)],
  ['trainMany', (model) => trainMany([model], x, y)],
];

describe.each([
  ['an own device', true],
  ["a caller's device", false],
])('on %s', (_name, isOwn) => {
  describe.each([
    ['a program', (label: string) => label.startsWith('agenda')],
    ['the memory of a batch', (label: string) => label === 'samples: x' || label === 'batch input'],
  ])('where %s is refused', (_what, isRefused) => {
    test.each(calls)('%s fails and leaves nothing behind, and the next one runs', async (_call, run) => {
      const { device, model } = await setUp(isOwn);
      const expected = await model.predictOnBatch(array([0.5], [1, 1, 1]));
      const weights = await model.getWeights();
      const buffers = watchBuffers(device);
      const samples = watchBuffers(device, (label) => /^(samples|predictions|state slots)/.test(label));
      const stop = refuse(device, isRefused);
      await expect(run(model)).rejects.toThrow(ShaderError);
      stop();
      // A program that was not refused stays for the next call, once.
      expect(buffers.live().bytes).toBeLessThan(2 * 2 ** 20);
      // The call may hear of the refusal a moment before its memory does.
      await vi.waitFor(() => expect(samples.live().count).toBe(0));
      expect(await model.getWeights()).toEqual(weights);
      expect(await model.predictOnBatch(array([0.5], [1, 1, 1]))).toEqual(expected);
      await run(model);
    });
  });
});

test('weights that the device refuses are refused by sequential before they are initialized', async () => {
  const { gpu, device } = await setUp(true);
  const buffers = watchBuffers(device);
  const stop = refuse(device, (label) => label === 'weights');
  const layers = [dense({ units: 1, kernelInitializer: () => expect.fail('an initializer ran') })];
  await expect(sequential(gpu, { inputShape: [2], layers })).rejects.toThrow(ShaderError);
  expect(buffers.live().bytes).toBe(0);
  stop();
  const model = await sequential(gpu, { inputShape: [2], layers: [dense({ units: 1 })] });
  expect((await model.predict([[1, 2]])).shape).toEqual([1, 1]);
});

test('out of memory is a LimitError that tells for what', async () => {
  const { device, model } = await setUp(true);
  const pop = device.popErrorScope.bind(device);
  const pops = vi.spyOn(device, 'popErrorScope');
  const memory = Object.create(GPUOutOfMemoryError.prototype, { message: { value: 'no room' } }) as GPUError;
  let count = 0;
  // The second scope that is popped of each pair is that of memory.
  pops.mockImplementation(() => (++count === 2 ? pop().then(() => memory) : pop()));
  const failed = model.predict(x);
  await expect(failed).rejects.toThrow(LimitError);
  await expect(failed).rejects.toThrow('model.predict: 2 samples');
  pops.mockRestore();
  expect((await model.predict(x)).shape).toEqual([2, 1]);
});
