import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { watchBuffers } from '../../bench/memory/buffers.ts';
import { expectClose } from '../harness/expect-close.ts';
import { takeGpuErrors } from '../harness/gpu-errors.ts';
import { randomSeed, rng } from '../harness/random.ts';

const doubling = /* wgsl */ `
  @group(0) @binding(0) var<storage, read_write> numbers: array<f32>;

  @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x < arrayLength(&numbers)) {
      numbers[id.x] *= 2;
    }
  }`;

async function requestDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('This Chrome has no WebGPU adapter.');
  const device = await adapter.requestDevice();
  onTestFinished(() => device.destroy());
  return device;
}

async function double(device: GPUDevice, numbers: Float32Array<ArrayBuffer>): Promise<Float32Array> {
  const size = numbers.byteLength;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const result = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(buffer, 0, numbers);

  const module = device.createShaderModule({ code: doubling });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = [{ binding: 0, resource: { buffer } }];
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(Math.ceil(numbers.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, result, 0, size);
  device.queue.submit([encoder.finish()]);

  await result.mapAsync(GPUMapMode.READ);
  return new Float32Array(result.getMappedRange());
}

/** Encodes a dispatch without a pipeline: the call itself says nothing, only the device hears of it. */
function dispatchNothing(device: GPUDevice): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

describe('the harness', () => {
  test('runs a compute shader', async () => {
    const numbers = rng(randomSeed()).array(1000, 10);
    const doubled = await double(await requestDevice(), numbers);
    const twice = numbers.map((x) => 2 * x);
    expectClose(doubled, twice, { atol: 0, rtol: 0, what: 'doubled', reason: 'a factor of two is exact in float32' });
  });

  // oxlint-disable-next-line vitest/expect-expect -- the check under test is the one that the setup file makes
  test.fails('fails a test that leaves a GPU error behind', async () => {
    dispatchNothing(await requestDevice());
  });

  test('lets a test take the GPU error that it provoked', async () => {
    dispatchNothing(await requestDevice());
    const errors = await takeGpuErrors();
    expect(errors[0]).toContain('GPUValidationError: No pipeline set');
    expect(await takeGpuErrors()).toEqual([]);
  });

  test('takes a destroyed device for an orderly end', async () => {
    (await requestDevice()).destroy();
    expect(await takeGpuErrors()).toEqual([]);
  });

  test('hears what a device creates after its buffers were watched', async () => {
    const device = await requestDevice();
    const buffers = watchBuffers(device);
    const create = () => device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_DST });
    create();
    expect(buffers.live()).toEqual({ count: 1, bytes: 4 });
    buffers.stop();
    const spy = vi.spyOn(GPUDevice.prototype, 'createBuffer');
    create();
    expect(spy).toHaveBeenCalledTimes(1);
    expect(buffers.live().count).toBe(1);
  });
});
