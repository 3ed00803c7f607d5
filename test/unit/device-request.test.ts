import { expect, test } from 'vitest';
import { adam, dense, lstm, sequential } from '../../src/index.ts';
import { deviceDescriptor } from '../../src/runtime/device-request.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { CARD, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

const limits = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxComputeWorkgroupStorageSize: 65_536,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
};
const adapterOf = (info?: object) =>
  ({ info, limits, features: new Set(['subgroups', 'depth-clip-control']) }) as unknown as GPUAdapter;

test.each([
  ['a GPU', CARD, limits],
  ['an adapter without information', undefined, limits],
  ['a software adapter', SWIFTSHADER, { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 }],
])('%s is asked for its own limits and for the features that it has', (_what, info, requiredLimits) => {
  const requiredFeatures = ['subgroups'];
  expect(deviceDescriptor(adapterOf(info))).toEqual({ label: 'lstm-webgpu', requiredFeatures, requiredLimits });
});

/** The decision about a model that needs more than 16 and less than 64 KiB of workgroup memory. */
async function decisionWith(maxComputeWorkgroupStorageSize: number): Promise<string> {
  const { device } = stubDevice({ adapterInfo: CARD });
  Object.defineProperty(device, 'limits', {
    value: Object.assign(Object.create(device.limits), { maxComputeWorkgroupStorageSize }),
  });
  const gpu = new Gpu(device, false, { isTuning: false });
  const layers = [lstm({ units: 8 }), dense({ units: 1 })];
  const model = await sequential(gpu, { inputShape: [16, 1], layers, seed: 1 });
  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  await model.trainOnBatch(new Float32Array(ROWS * 16), new Float32Array(ROWS));
  return model.explain()[0].decision;
}
const ROWS = 8;

test('a model too large for 16 KiB of workgroup memory is resident where there is more, and layered elsewhere', async () => {
  expect(await decisionWith(65_536)).toBe('resident');
  expect(await decisionWith(16_384)).not.toBe('resident');
});
