import { afterEach, describe, expect, test, vi } from 'vitest';
import { DeviceLostError, DisposedError, ShaderError, UnsupportedError } from '../../../src/runtime/errors.ts';
import { requestGpu } from '../../../src/runtime/gpu.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { takeGpuErrors } from '../../harness/gpu-errors.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const ownDevice = async (): Promise<GPUDevice> => {
  const adapter = await navigator.gpu.requestAdapter();
  return (adapter as GPUAdapter).requestDevice();
};

describe('requestGpu', () => {
  test('says which adapter it is, and takes its limits for large buffers', async () => {
    const gpu = await requestGpu();
    const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
    expect(gpu.adapterName).not.toBe('');
    expect(gpu.device.limits.maxBufferSize).toBe(adapter.limits.maxBufferSize);
    gpu.dispose();
  });

  test('destroys its own device on dispose', async () => {
    const gpu = await requestGpu();
    gpu.dispose();
    gpu.dispose();
    expect((await gpu.lost).reason).toBe('destroyed');
  });

  test("refuses a caller's device that binds too few buffers", async () => {
    const device = await ownDevice();
    const limits = { maxStorageBuffersPerShaderStage: 4 };
    Object.defineProperty(device, 'limits', { value: Object.setPrototypeOf(limits, device.limits) as object });
    await expect(requestGpu({ device })).rejects.toThrow(UnsupportedError);
    await expect(requestGpu({ device })).rejects.toThrow(/4 storage buffers.*expected 8.*requiredLimits/);
    device.destroy();
  });

  test("leaves the caller's device alive", async () => {
    const device = await ownDevice();
    const gpu = await requestGpu({ device });
    expect(gpu.device).toBe(device);
    await Tensor.create(gpu, 'numbers', [3]).read();
    gpu.dispose();

    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ });
    await buffer.mapAsync(GPUMapMode.READ);
    expect(buffer.mapState).toBe('mapped');
    device.destroy();
  });

  test.each([
    ['without WebGPU', {}, 'navigator.gpu is missing'],
    ['without an adapter', { gpu: { requestAdapter: async () => null } }, 'no adapter is'],
  ])('is refused %s', async (_case, navigator, reason) => {
    vi.stubGlobal('navigator', navigator);
    const request = requestGpu();
    await expect(request).rejects.toThrow(UnsupportedError);
    await expect(request).rejects.toThrow(reason);
  });
});

describe('after the end of a device', () => {
  test('use is refused once it is disposed', async () => {
    const gpu = await requestGpu();
    gpu.dispose();
    expect(() => gpu.assertUsable('here')).toThrow(DisposedError);
    expect(() => gpu.assertUsable('here')).toThrow('here: this GPU was disposed. Request another with requestGpu().');
  });

  test('use is refused once it is lost, and a read under way is too', async () => {
    const gpu = await requestGpu();
    const tensor = Tensor.create(gpu, 'numbers', [3]);
    const reading = tensor.read();
    gpu.device.destroy();
    await expect(reading).rejects.toThrow(DeviceLostError);
    await gpu.lost;
    expect(() => gpu.assertUsable('here')).toThrow(DeviceLostError);
    expect(() => gpu.assertUsable('here')).toThrow(/^here: the GPU device was lost .*setWeights/);
    await expect(tensor.read()).rejects.toThrow(DeviceLostError);
  });

  test('a command that was refused outside of any call is told once', async () => {
    const gpu = await requestGpu();
    gpu.device.createBuffer({
      label: 'both at once',
      size: 4,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE,
    });
    expect(await takeGpuErrors()).toHaveLength(1);
    expect(() => gpu.assertUsable('here')).toThrow(ShaderError);
    gpu.assertUsable('here');
    gpu.dispose();
  });
});
