import { ShapeError, ValueError } from '../../runtime/errors.ts';
import { isAsyncIterable, isList, show } from '../../runtime/options.ts';
import { expectShape, type Shape } from '../../runtime/shape.ts';
import { toArray, type ArrayInput } from '../network/arrays.ts';
import type { Network } from '../network/network.ts';
import type { TracedSteps } from '../training/traced-steps.ts';
import { gpuChunk, isGpuArray, type GpuArray, type GpuSource, type PushMemory } from './gpu-arrays.ts';

/** Steps that are pushed into a stream in one call: one step, [features], or a chunk of them, [timesteps, features]. */
export interface Chunk {
  /** [steps, features]. */
  data: Float32Array<ArrayBuffer>;
  steps: number;
  /** Whether it was given as a step alone, whose output has no dimension for the time. */
  isStep: boolean;
  /** Takes the gates and states of its steps, for each recurrent layer. Absent if nobody looks at them. */
  traced?: TracedSteps[];
  /** Where the steps lie on the GPU; then `data` is empty. */
  source?: GpuSource;
  /** Memory that is lent to the push, if its input or its outputs stay on the GPU. */
  memory?: PushMemory;
}

/** Numbers as they are pushed into a stream; where there is one feature, a number is a step. */
export type PushInput = ArrayInput | GpuArray | number;

/**
 * Checks what is pushed into a stream, and copies it. A flat list with a multiple of the features is a chunk, and where there
 * is one feature a number is a step.
 *
 * @throws ShapeError, ValueError
 */
export function toChunk(where: string, network: Network, x: PushInput): Chunk {
  if (isGpuArray(x)) return gpuChunk(where, network, x);
  const { sampleShape, inputShape, layers } = network;
  const features = sampleShape[1]!;
  const list = typeof x === 'number' ? [x] : x;
  const array = toArray(where, list);
  const { data } = array;
  const names = inputShape.length === 1 ? ['timesteps'] : ['timesteps', 'features'];
  const shape = shapeOfChunk(array.shape, features, isList(list));
  expectShape(
    where,
    shape,
    [
      { name: 'timesteps', size: null },
      { name: 'features', size: features },
    ].slice(0, Math.max(shape.length, 2)),
    `Give one step, [${features}], or a chunk of them, [${names.join(', ')}].`,
  );
  if (data.length === 0) throw new ShapeError(`${where} holds no steps. Give at least one.`);
  const [steps] = shape;
  layers[0].checkIndices?.(where, data, [1, steps]);
  const isStep = steps === 1 && array.shape.length === 1;
  return { data: data.slice(), steps, isStep };
}

/** @throws ValueError unless chunks can be taken from it one after the other */
export function checkChunks(where: string, source: Partial<Iterable<unknown>> | AsyncIterable<unknown>): void {
  if (isAsyncIterable(source) || typeof source?.[Symbol.iterator] === 'function') return;
  throw new ValueError(
    `${where}: got ${show(source)}, expected an iterable of chunks, such as an array of them or what a generator function ` +
      `returns.`,
  );
}

/** The shape as a chunk, if the given one can mean one. */
function shapeOfChunk(given: Shape, features: number, isFlatAllowed: boolean): Shape {
  if (given.length !== 1) return given;
  const [count] = given;
  if (count === features || (isFlatAllowed && count % features === 0)) return [count / features, features];
  return features === 1 ? [count, 1] : given;
}
