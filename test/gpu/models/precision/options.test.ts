import { afterAll, describe, expect, test } from 'vitest';
import { lstm, requestGpu, sequential, UnsupportedError, ValueError } from '../../../../src/index.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { anything } from '../builders/expect-error.ts';

// No device has half precision that was not asked for it.
const adapter = (await navigator.gpu.requestAdapter())!;
const device = await adapter.requestDevice();
const gpu = await requestGpu({ device });
afterAll(() => device.destroy());

const build = (precision: unknown) => () =>
  sequential(gpu, { inputShape: [4, 1], layers: [lstm({ units: 3 })], precision: anything(precision) });

describe('a device without half precision', () => {
  test('says so', () => expect(gpu.hasFloat16).toBe(false));

  test('refuses models that want it, before anything is made', async () => {
    const calls = countGpuCalls();
    const model = build('mixedFloat16')();
    await expect(model).rejects.toThrow(UnsupportedError);
    await expect(model).rejects.toThrow(
      /^sequential: precision is "mixedFloat16", which needs the WebGPU feature "shader-f16".*Leave precision out/,
    );
    await expect(model).rejects.toThrow("requiredFeatures: ['shader-f16']");
    expect(calls().createBuffer).toBe(0);
  });

  test.each([undefined, 'float32'])('takes models with precision %s', async (precision) => {
    const model = await build(precision)();
    const { data } = await model.predict({ data: new Float32Array(4), shape: [1, 4, 1] });
    expect(data).toEqual(new Float32Array(3));
    model.dispose();
  });

  test.each(['float16', 'mixed_float16', null])('refuses precision %s like any option', async (precision) => {
    const model = build(precision)();
    await expect(model).rejects.toThrow(ValueError);
    await expect(model).rejects.toThrow(/^sequential: precision is .*, expected one of "float32", "mixedFloat16"\./);
  });
});

test('a device that requestGpu makes has half precision where its adapter has it', async () => {
  const own = await requestGpu();
  expect(own.hasFloat16).toBe(adapter.features.has('shader-f16'));
  own.dispose();
});
