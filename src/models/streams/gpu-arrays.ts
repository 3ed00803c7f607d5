import { DisposedError, ShapeError, ValueError } from '../../runtime/errors.ts';
import { BUFFER_USAGE } from '../../runtime/flags.ts';
import type { BufferPool } from '../../runtime/buffer-pool.ts';
import { isList, knownOptions, oneOf, show } from '../../runtime/options.ts';
import type { Shape } from '../../runtime/shape.ts';
import type { Network } from '../network/network.ts';

/** Numbers on the GPU, float32 in row-major order: one step, [features], or a chunk of them, [timesteps, features]. */
export interface GpuArray {
  /** A buffer of the device of the model, with the usage COPY_SRC. */
  readonly buffer: GPUBuffer;
  /** Where the numbers begin, in bytes: a multiple of 4. Default: 0. */
  readonly offset?: number;
  readonly shape: Shape;
}

/**
 * Outputs of a push, which stay on the GPU: one step, [outputs], or those of a chunk, [timesteps, outputs], float32 in
 * row-major order. Other code can bind the buffer or copy from it (its usage is STORAGE | COPY_SRC | COPY_DST), and it can be
 * pushed into another stream. What is submitted from now on finds the outputs in it, until `dispose`, after which the library
 * takes it for other outputs. With the model it is freed.
 */
export class GpuOutput implements GpuArray {
  readonly offset = 0;
  #buffer?: GPUBuffer;

  /** @internal `stream.push` makes them. */
  constructor(
    private readonly pool: BufferPool,
    buffer: GPUBuffer,
    readonly shape: Shape,
  ) {
    this.#buffer = buffer;
  }

  /** Holds the outputs alone. @throws DisposedError after `dispose`, and after that of the model */
  get buffer(): GPUBuffer {
    if (this.#buffer && !this.pool.isDisposed) return this.#buffer;
    throw new DisposedError('output.buffer: this output was disposed, or its model. Submit what reads it before.');
  }

  /** Gives the buffer back: nothing that is submitted later may use it. Does nothing the second time. */
  dispose(): void {
    if (this.#buffer) this.pool.giveBack(this.#buffer);
    this.#buffer = undefined;
  }

  /** As `dispose`: `using output = await stream.push(x, { output: 'gpu' })`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Asks for outputs that stay on the GPU. */
export interface GpuOutputOption {
  output: 'gpu';
}

/** Whether outputs are to stay on the GPU. @throws ValueError */
export function toGpu(where: string, options: Partial<GpuOutputOption> | undefined): boolean {
  if (options === undefined) return false;
  knownOptions(where, options, ['output']);
  return options.output !== undefined && oneOf(where, 'output', options.output, ['gpu']) === 'gpu';
}

/** A range of bytes in a buffer of the caller's. */
export interface GpuSource {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

/** Memory of a push whose input or outputs do not pass through the processor. */
export interface PushMemory {
  /** A copy of the input. */
  input?: GPUBuffer;
  /** Gets the outputs. */
  output?: GPUBuffer;
  /** Settles when the device has accepted both. */
  accepted: Promise<void>;
}

/** Whether what is pushed lies on the GPU. */
export function isGpuArray(x: unknown): x is GpuArray {
  return typeof x === 'object' && x !== null && !isList(x) && 'buffer' in x;
}

/**
 * Checks numbers on the GPU that are to be pushed, as far as that can be known here.
 *
 * @throws ShapeError, ValueError
 */
export function gpuChunk(where: string, { sampleShape, layers }: Network, { buffer, offset = 0, shape }: GpuArray) {
  const features = sampleShape[1]!;
  if (layers[0].checkIndices) {
    throw new ValueError(
      `${where} is a buffer, and ${layers[0].name} takes indices, which are checked. Push an array.`,
    );
  }
  const { usage, size, mapAsync } = (buffer ?? {}) as Partial<GPUBuffer>;
  if (typeof mapAsync !== 'function')
    throw new ValueError(`${where}: buffer is ${show(buffer)}, expected a GPUBuffer.`);
  const { length = 0 } = isList(shape) ? shape : {};
  const steps = length === 2 ? shape[0] : 1;
  if (!(length === 1 || length === 2) || shape[length - 1] !== features || !Number.isInteger(steps) || steps < 1) {
    throw new ShapeError(
      `${where} has shape ${show(shape)}, expected one step, [${features}], or a chunk of them, [timesteps, ${features}].`,
    );
  }
  const bytes = 4 * steps * features;
  const isOffset = Number.isInteger(offset) && offset >= 0 && offset % 4 === 0;
  if (!isOffset || offset + bytes > size! || !(usage! & BUFFER_USAGE.COPY_SRC)) {
    throw new ValueError(
      `${where}: buffer has ${size} bytes and the usage ${usage}, expected COPY_SRC, and ${bytes} bytes from offset ` +
        `${show(offset)} on, a multiple of 4.`,
    );
  }
  return { data: new Float32Array(0), steps, isStep: length === 1, source: { buffer, offset, bytes } };
}
