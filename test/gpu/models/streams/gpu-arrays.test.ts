import { expect, onTestFinished, test, vi } from 'vitest';
import {
  dense,
  DisposedError,
  embedding,
  gru,
  LimitError,
  lstm,
  sequential,
  type GpuArray,
  type LayerDefinition,
  type PushInput,
} from '../../../../src/index.ts';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 3;
const OUTPUTS = 2;
const each = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: OUTPUTS })];

/** Two models that compute the same, which live as long as the test. */
async function twoModels(layers: readonly LayerDefinition[] = each) {
  const make = async () => {
    const model = await sequential(gpu, { inputShape: [null, FEATURES], slots: 70, seed: 3, layers });
    onTestFinished(() => model.dispose());
    return model;
  };
  return [await make(), await make()] as const;
}

const draw = () => rng(randomSeed());
const { COPY_SRC, COPY_DST, STORAGE } = GPUBufferUsage;

/** Numbers in a buffer of the caller's, from a byte on. */
function onGpu(numbers: Float32Array<ArrayBuffer>, shape: readonly number[], offset = 0, usage = COPY_SRC): GpuArray {
  const size = offset + numbers.byteLength;
  const buffer = gpu.device.createBuffer({ size, usage: usage | COPY_DST });
  onTestFinished(() => buffer.destroy());
  gpu.device.queue.writeBuffer(buffer, offset, numbers);
  return { buffer, offset, shape };
}

/** Reads what a buffer holds after all that was submitted so far. */
async function read({ buffer, offset = 0, shape }: GpuArray): Promise<number[]> {
  const bytes = 4 * shape.reduce((product, size) => product * size, 1);
  return Array.from(new Float32Array(await gpu.readback.read(buffer, offset, bytes)));
}

test('chunks and outputs on the GPU, alone and among others, are those of arrays, bit for bit', async () => {
  const random = draw();
  const [model, plain] = await twoModels();
  const STREAMS = 5;
  const [streams, same] = [model, plain].map((each) => Array.from({ length: STREAMS }, () => each.openStream()));
  for (let round = 0; round < 6; round++) {
    const given: PushInput[] = [];
    const arrays = streams.map((_, n) => {
      const steps = random.integer(1, 3);
      const data = random.array(steps * FEATURES, 1);
      const shape = steps === 1 && random.uniform(0, 1) < 0.5 ? [FEATURES] : [steps, FEATURES];
      given[n] = random.uniform(0, 1) < 0.6 ? onGpu(data, shape, 4 * random.integer(0, 5)) : { data, shape };
      return { data, shape };
    });
    const areOut = streams.map(() => random.uniform(0, 1) < 0.5);
    const pushes = streams.map(async (stream, n) => {
      if (!areOut[n]) return stream.push(given[n]);
      const output = await stream.push(given[n], { output: 'gpu' });
      const data = await read(output);
      output.dispose();
      return { data, shape: output.shape };
    });
    const expected = await plain.pushAll(arrays.map((array, n) => [same[n], array] as const));
    (await Promise.all(pushes)).forEach(({ data, shape }, n) => {
      expect(shape).toEqual(expected[n].shape);
      expect(Array.from(data)).toEqual(Array.from(expected[n].data));
    });
  }
});

test('the outputs of last steps stay on the GPU too, and long chunks, and many rows', async () => {
  const random = draw();
  const [model, plain] = await twoModels([gru({ units: 4, stateful: true }), dense({ units: OUTPUTS })]);
  const data = Array.from({ length: 40 }, () => random.array(70 * FEATURES, 1));
  const shape = [70, FEATURES];
  const expected = await plain.pushAll(data.map((numbers) => [plain.openStream(), numbers] as const));
  const outputs = await model.pushAll(
    data.map((numbers) => [model.openStream(), onGpu(numbers, shape)] as const),
    { output: 'gpu' },
  );
  expect(outputs[0].shape).toEqual([OUTPUTS]);
  const got = await Promise.all(outputs.map(read));
  expect(got).toEqual(expected.map((output) => Array.from(output.data)));
});

test('nothing comes back to the processor, nor is anything made, for 200 steps through two models', async () => {
  const random = draw();
  const fronts = await twoModels([lstm({ units: FEATURES, stateful: true, returnSequences: true })]);
  const backs = await twoModels();
  const [[front, back], [plainFront, plainBack]] = [0, 1].map((n) => [fronts[n].openStream(), backs[n].openStream()]);
  const data = random.array(FEATURES, 1);
  const input = onGpu(data, [FEATURES]);
  const step = async () => {
    const between = await front.push(input, { output: 'gpu' });
    const output = await back.push(between, { output: 'gpu' });
    between.dispose();
    return output;
  };
  (await step()).dispose();
  const calls = countGpuCalls();
  for (let n = 0; n < 199; n++) (await step()).dispose();
  const { mapAsync, createBuffer, createBindGroup } = calls();
  expect(mapAsync).toBe(0);
  expect(createBindGroup).toBe(0);
  expect(createBuffer).toBe(0);
  const outputs = await Promise.all(Array.from({ length: 201 }, () => plainFront.push(data)));
  const expected = await Promise.all(outputs.map(({ data }) => plainBack.push(data)));
  const last = await read(await step());
  last.forEach((value, n) => expect(value).toBeCloseTo(expected[200].data[n], 5));
});

test('other code binds the outputs, writes the inputs, and may change both as soon as the call has returned', async () => {
  const random = draw();
  const [model, plain] = await twoModels([lstm({ units: FEATURES, stateful: true, returnSequences: true })]);
  const { device } = gpu;
  const module = device.createShaderModule({
    code: `@group(0) @binding(0) var<storage, read> outputs: array<f32>;
      @group(0) @binding(1) var<storage, read_write> next: array<f32>;
      @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
        next[id.x] = 2 * outputs[id.x] + f32(arrayLength(&outputs));
      }`,
  });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const input = onGpu(random.array(FEATURES, 1), [FEATURES], 0, COPY_SRC | STORAGE);
  let x = Float32Array.from(await read(input));
  const [stream, same] = [model.openStream(), plain.openStream()];
  for (let n = 0; n < 5; n++) {
    const pushed = stream.push(input, { output: 'gpu' });
    device.queue.writeBuffer(input.buffer, 0, new Float32Array(FEATURES).fill(NaN));
    const output = await pushed;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [output, input].map(({ buffer }, binding) => ({ binding, resource: { buffer } }));
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(FEATURES);
    pass.end();
    device.queue.submit([encoder.finish()]);
    output.dispose();
    // The buffer of the output is used for these, behind what was submitted.
    (await model.openStream().push([9, 9, 9], { output: 'gpu' })).dispose();
    x = (await same.push(x)).data.map((value) => 2 * value + FEATURES);
  }
  expect(await read(input)).toEqual(Array.from(x));
});

test('an output is used until it is disposed, and not after the model', async () => {
  const [model, other] = await twoModels();
  const buffers = watchBuffers(gpu.device, (label) => label === 'pushed on the GPU');
  onTestFinished(buffers.stop);
  const [stream, next] = [model.openStream(), other.openStream()];
  const first = await stream.push([1, 2, 3], { output: 'gpu' });
  const second = await stream.push([1, 2, 3], { output: 'gpu' });
  expect(first.buffer).not.toBe(second.buffer);
  const { buffer } = first;
  first.dispose();
  first[Symbol.dispose]();
  expect(() => first.buffer).toThrow(/output.buffer: this output was disposed/);
  await expect(next.push(first)).rejects.toThrow(/was disposed/);
  const [third, fourth] = [
    await stream.push([1, 2, 3], { output: 'gpu' }),
    await stream.push([1, 2, 3], { output: 'gpu' }),
  ];
  expect(third.buffer).toBe(buffer);
  expect(fourth.buffer).not.toBe(buffer);
  model.dispose();
  expect(() => second.buffer).toThrow(/or its model/);
  second.dispose();
  expect(buffers.live().count).toBe(0);
});

test('a model that is disposed at any moment of a push on the GPU leaves no buffer, and the push ends', async () => {
  const input = onGpu(new Float32Array(FEATURES), [FEATURES]);
  const { live, stop } = watchBuffers(gpu.device, (label) => label !== 'readback staging');
  onTestFinished(stop);
  for (let microtasks = 0; microtasks < 30; microtasks++) {
    const model = await sequential(gpu, { inputShape: [null, FEATURES], slots: 2, layers: each });
    const pushes = Promise.allSettled([
      model.openStream().push(input, { output: 'gpu' }),
      model.openStream().push([1, 2, 3]),
    ]);
    for (let n = 0; n < microtasks; n++) await Promise.resolve();
    model.dispose();
    for (const push of await pushes) {
      expect(push).toMatchObject({ status: 'rejected', reason: expect.any(DisposedError) as Error });
    }
  }
  expect(live()).toEqual({ count: 0, bytes: 0 });
});

test('what can be seen to be wrong with a buffer is told, and changes nothing', async () => {
  const [model, plain] = await twoModels();
  const [stream, same] = [model.openStream(), plain.openStream()];
  const numbers = new Float32Array(2 * FEATURES);
  const good = onGpu(numbers, [2, FEATURES]);
  const wrong: [unknown, RegExp][] = [
    [{ ...good, shape: [FEATURES + 1] }, /stream.push has shape \[4\], expected one step, \[3\]/],
    [{ ...good, shape: [2] }, /has shape \[2\]/],
    [{ ...good, shape: [0, FEATURES] }, /has shape/],
    [{ ...good, shape: undefined }, /has shape undefined/],
    [{ ...good, offset: 2 }, /from offset 2 on, a multiple of 4/],
    [{ ...good, offset: -4 }, /from offset -4 on/],
    [{ ...good, offset: 4 }, /buffer has 24 bytes and the usage 12, expected COPY_SRC, and 24 bytes from offset 4 on/],
    [{ ...good, shape: [3, FEATURES] }, /expected COPY_SRC, and 36 bytes/],
    [{ ...good, buffer: numbers.buffer }, /buffer is an ArrayBuffer, expected a GPUBuffer/],
    [onGpu(numbers, [2, FEATURES], 0, STORAGE), /the usage 136, expected COPY_SRC/],
    [{ ...good, buffer: { mapAsync() {}, usage: COPY_SRC, size: 24 } }, /buffer cannot be read/],
  ];
  for (const [x, message] of wrong) await expect(stream.push(x as PushInput)).rejects.toThrow(message);
  await expect(stream.push([1, 2, 3], { output: 'cpu' } as never)).rejects.toThrow(/output is "cpu"/);
  const mapped = gpu.device.createBuffer({ size: 12, usage: COPY_SRC, mappedAtCreation: true });
  await expect(stream.push({ buffer: mapped, shape: [FEATURES] })).rejects.toThrow(
    /cannot be read .* neither destroyed nor mapped/,
  );
  mapped.destroy();
  expect((await stream.push([1, 2, 3])).data).toEqual((await same.push([1, 2, 3])).data);

  const indices = await sequential(gpu, {
    inputShape: [null],
    slots: 1,
    layers: [embedding({ inputDim: 5, outputDim: 2 }), lstm({ units: 2, stateful: true })],
  });
  onTestFinished(() => indices.dispose());
  const one = onGpu(new Float32Array([1]), [1]);
  await expect(indices.openStream().push(one)).rejects.toThrow(/embedding takes indices/);
});

test('a buffer that only the device can refuse fails alone, as if it had not been pushed', async () => {
  const random = draw();
  const [model, plain] = await twoModels();
  const [streams, same] = [model, plain].map((each) => [each.openStream(), each.openStream(), each.openStream()]);
  const x = Array.from({ length: 6 }, () => random.array(2 * FEATURES, 1));
  const destroyed = onGpu(x[0], [2, FEATURES]);
  destroyed.buffer.destroy();
  const adapter = (await navigator.gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  const foreign = device.createBuffer({ size: 24, usage: COPY_SRC });
  const refused = [
    // At first, so that the reset of a slot that was used before goes with it.
    streams[0].push(destroyed),
    streams[1].push({ buffer: foreign, shape: [2, FEATURES] }, { output: 'gpu' }),
  ];
  const outputs = [streams[0].push(x[1]), streams[1].push(onGpu(x[2], [2, FEATURES])), streams[2].push(x[3])];
  refused.push(streams[0].push(destroyed));
  outputs.push(streams[0].push(x[4]));
  for (const push of refused) await expect(push).rejects.toThrow(/^stream.push: buffer cannot be read/);
  const expected = [same[0].push(x[1]), same[1].push(x[2]), same[2].push(x[3]), same[0].push(x[4])];
  const [got, wanted] = await Promise.all([outputs, expected].map((pushes) => Promise.all(pushes)));
  expect(got.map(({ data }) => data)).toEqual(wanted.map(({ data }) => data));
  await expect(
    model.pushAll(
      [
        [streams[0], x[0]],
        [streams[1], destroyed],
      ],
      { output: 'gpu' },
    ),
  ).rejects.toThrow(/^model.pushAll: chunks\[1\]: buffer cannot be read/);
  foreign.destroy();
  device.destroy();
});

test('a slot whose first push was refused starts from zero, whoever had it before', async () => {
  const [model, plain] = await twoModels();
  const former = model.openStream();
  await former.push([1, 2, 3]);
  former.close();
  const stream = model.openStream();
  const destroyed = onGpu(new Float32Array(FEATURES), [FEATURES]);
  destroyed.buffer.destroy();
  const refused = stream.push(destroyed);
  refused.catch(() => {});
  const fork = stream.fork();
  const later = model.openStream();
  void later.push([3, 2, 1]);
  const outputs = await Promise.all([stream.push([3, 2, 1]), fork.push([3, 2, 1])]);
  await expect(refused).rejects.toThrow(/cannot be read/);
  const expected = await plain.openStream().push([3, 2, 1]);
  for (const { data } of outputs) expect(data).toEqual(expected.data);
});

test('without memory for an output, that push fails alone', async () => {
  const [model, plain] = await twoModels();
  const [stream, same] = [model.openStream(), plain.openStream()];
  await stream.push([1, 2, 3]);
  await same.push([1, 2, 3]);
  const pop = gpu.device.popErrorScope.bind(gpu.device);
  const noMemory = Object.create(GPUOutOfMemoryError.prototype, { message: { value: 'no room' } }) as GPUError;
  const pops = vi.spyOn(gpu.device, 'popErrorScope');
  onTestFinished(() => pops.mockRestore());
  pops.mockImplementationOnce(pop).mockImplementationOnce(() => pop().then(() => noMemory));
  await expect(stream.push([4, 5, 6], { output: 'gpu' })).rejects.toThrow(LimitError);
  expect((await stream.push([1, 2, 3])).data).toEqual((await same.push([1, 2, 3])).data);
});

test('10,000 pushes that are not awaited are read through a few staging buffers', async () => {
  const [model, plain] = await twoModels([
    lstm({ units: 4, stateful: true, returnSequences: true }),
    dense({ units: 512 }),
  ]);
  const streams = Array.from({ length: 8 }, () => model.openStream());
  const staging = watchBuffers(gpu.device, (label) => label === 'readback staging');
  onTestFinished(staging.stop);
  const x = [0.1, 0.2, 0.3];
  const outputs = await Promise.all(Array.from({ length: 10_000 }, (_, n) => streams[n % 8].push(x)));
  const bytes = outputs.reduce((sum, { data }) => sum + data.byteLength, 0);
  expect(staging.peak()).toBeLessThan(bytes / 2);
  const same = plain.openStream();
  const expected = await Promise.all(Array.from({ length: 1250 }, () => same.push(x)));
  expect(outputs.at(-1)!.data[7]).toBeCloseTo(expected.at(-1)!.data[7], 5);
});
