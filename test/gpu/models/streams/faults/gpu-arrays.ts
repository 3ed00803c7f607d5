import { ShapeError, ValueError, type GpuArray, type GpuOutput } from '../../../../../src/index.ts';
import { pickOf, type Call } from './call.ts';
import { chunkOf, numbers, type Given, type Random } from './inputs.ts';
import { readWeights } from './model-operations.ts';
import { checksOf } from './stream-operations.ts';
import type { OpenStream, Subject } from './subject.ts';
import { TEST_BUFFER, type World } from './world.ts';

/** A chunk, perhaps in a buffer, which is overwritten and destroyed once it was pushed. */
type GivenOnGpu = Omit<Given, 'x'> & { x: Given['x'] | GpuArray };

/** The most outputs that are kept on the GPU until later. */
const MOST_HELD = 4;

/** A chunk in a buffer of the test's, or in an output of an earlier push; an array where the model takes indices. */
function given(world: World, subject: Subject, random: Random): GivenOnGpu {
  const { kind } = subject;
  if (kind.isIndices || random.uniform(0, 1) < 0.3) return chunkOf(kind, random, random.integer(1, 9));
  return (random.uniform(0, 1) < 0.6 && heldChunk(world, subject)) || inBuffer(world, subject, random);
}

function inBuffer({ gpu }: World, { kind }: Subject, random: Random): GivenOnGpu {
  const { features, outputs, givesSequences } = kind;
  const steps = random.integer(1, 9);
  const isStep = steps === 1 && random.uniform(0, 1) < 0.5;
  const data = numbers(kind, random, steps * features);
  const offset = 4 * random.integer(0, 3);
  const size = offset + 4 * data.length + 4 * random.integer(0, 2);
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = gpu.device.createBuffer({ label: TEST_BUFFER, size, usage });
  gpu.device.queue.writeBuffer(buffer, offset, Float32Array.from(data));
  const spoil = () => {
    gpu.device.queue.writeBuffer(buffer, 0, new Float32Array(size / 4).fill(77));
    buffer.destroy();
  };
  const x = { buffer, shape: isStep ? [features] : [steps, features], ...(offset > 0 && { offset }) };
  return { x, data, steps, shape: givesSequences && !isStep ? [steps, outputs] : [outputs], spoil };
}

/** An output that was kept on the GPU, of this model or of the other. */
function heldChunk({ subjects }: World, { kind }: Subject): GivenOnGpu | undefined {
  const from = subjects.find(
    ({ kind: other, held, ended }) => !ended && other.outputs === kind.features && held.length,
  );
  if (!from) return undefined;
  const { output, data } = from.held.shift()!;
  const steps = output.shape.length === 1 ? 1 : output.shape[0];
  const shape = kind.givesSequences && output.shape.length === 2 ? [steps, kind.outputs] : [kind.outputs];
  return { x: output, data, steps, shape, spoil: () => output.dispose() };
}

/** Reads an output, and disposes of it then or later. */
async function read(world: World, subject: Subject, output: GpuOutput, isHeld: boolean) {
  const { device } = world.gpu;
  const { buffer, shape } = output;
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = device.createBuffer({ label: TEST_BUFFER, size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  if (!isHeld) output.dispose();
  try {
    await staging.mapAsync(GPUMapMode.READ);
  } catch (error) {
    throw subject.ended ? new subject.ended('it ended before its outputs were read') : error;
  }
  const data = new Float32Array(staging.getMappedRange().slice());
  staging.destroy();
  if (isHeld) {
    if (subject.held.length === MOST_HELD) subject.held.shift()!.output.dispose();
    subject.held.push({ output, data });
  }
  return { data, shape };
}

/** What is compared when outputs that stayed on the GPU were read, and what it means if the model ended before that. */
function checksOfRead(subject: Subject, stream: OpenStream, chunk: GivenOnGpu, isPushed: () => boolean) {
  const { check, onEnd } = checksOf(subject, stream, chunk);
  return {
    check,
    // Those that were only not read have taken effect.
    onEnd: () => (isPushed() && !stream.isBroken ? subject.plain.push(stream.state, chunk.data, chunk.steps) : onEnd()),
  };
}

export function pushOnGpu({ world, subject, pick, random }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  readWeights(world, subject);
  const chunk = given(world, subject, random);
  const isHeld = random.uniform(0, 1) < 0.4;
  const staysThere = !stream.isTraced && random.uniform(0, 1) < 0.7;
  let isPushed = false;
  const act = async () => {
    if (!staysThere) return stream.stream.push(chunk.x);
    const output = await stream.stream.push(chunk.x, { output: 'gpu' });
    isPushed = true;
    return read(world, subject, output, isHeld);
  };
  const { check, onEnd } = checksOfRead(subject, stream, chunk, () => isPushed);
  const result = world.send(subject, `stream.push on the GPU of ${chunk.steps} steps`, act, check, { onEnd });
  chunk.spoil();
  subject.use(stream);
  return result;
}

export function pushAllOnGpu({ world, subject, random }: Call): Promise<unknown> | void {
  const streams = subject.open.filter(({ isTraced }) => !isTraced);
  if (streams.length === 0) return;
  readWeights(world, subject);
  const parts = Array.from({ length: random.integer(0, 8) }, () => {
    const stream = streams[random.integer(0, streams.length - 1)];
    return { stream, chunk: given(world, subject, random) };
  });
  let isPushed = false;
  const act = async () => {
    const pairs = parts.map(({ stream, chunk }) => [stream.stream, chunk.x] as const);
    const outputs = await subject.model.pushAll(pairs, { output: 'gpu' });
    isPushed = true;
    return Promise.all(outputs.map((output) => read(world, subject, output, false)));
  };
  const each = parts.map(({ stream, chunk }) => checksOfRead(subject, stream, chunk, () => isPushed));
  const result = world.send(
    subject,
    `model.pushAll of ${parts.length} chunks on the GPU`,
    act,
    (outputs) => each.forEach(({ check }, n) => check(outputs[n])),
    { onEnd: () => each.forEach(({ onEnd }) => onEnd()) },
  );
  for (const { stream, chunk } of parts) {
    chunk.spoil();
    subject.use(stream);
  }
  return result;
}

/** Pushes a buffer that the device cannot read, or one of which that is known at once. The stream stays as it was. */
export function pushUnreadable({ world, subject, pick, random }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  const { features, isIndices } = subject.kind;
  const usage = random.uniform(0, 1) < 0.7 ? GPUBufferUsage.COPY_SRC : GPUBufferUsage.COPY_DST;
  const buffer = world.gpu.device.createBuffer({ label: TEST_BUFFER, size: 4 * features, usage });
  buffer.destroy();
  const x = { buffer, shape: [random.uniform(0, 1) < 0.8 ? features : features + 1] };
  const push = () => stream.stream.push(x);
  const isKnown = isIndices || usage !== GPUBufferUsage.COPY_SRC || x.shape[0] !== features;
  if (isKnown) return world.refused(subject, 'stream.push of a wrong buffer', push, ShapeError, ValueError);
  const check = () => {
    throw new Error('it was not refused');
  };
  const accepts = (error: unknown) => {
    stream.state.traced = undefined;
    return error instanceof ValueError;
  };
  subject.use(stream);
  stream.wasRefused = true;
  return world.send(subject, 'stream.push of a buffer that is destroyed', push, check, { accepts });
}
