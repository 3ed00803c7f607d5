import type { BufferPool } from '../../runtime/buffer-pool.ts';
import { LimitError, ValueError } from '../../runtime/errors.ts';
import type { Network } from '../network/network.ts';
import type { GpuSource, PushMemory } from './gpu-arrays.ts';
import type { BoundUpdate } from './pushed-sequence.ts';
import { forOutputs, forPushes, outputsOf } from './update-numbers.ts';

/**
 * Lends memory to a push. Its input is copied at once, so that it is what was submitted before, and the caller may change the
 * buffer afterwards.
 *
 * @param outputBytes how many bytes its outputs take, or 0 if they are to be read
 * @returns memory whose `accepted` rejects with a ValueError if the device cannot read the input
 */
export function lend(where: string, pool: BufferPool, source: GpuSource | undefined, outputBytes: number): PushMemory {
  const { gpu } = pool;
  const memory: Partial<PushMemory> = {};
  let thrown: Error | undefined;
  const watched = gpu.watch(where, () => {
    if (outputBytes > 0) memory.output = pool.take(outputBytes);
    if (!source) return;
    const { buffer, offset, bytes } = source;
    const input = (memory.input = pool.take(bytes));
    try {
      gpu.submitCommands('input', (encoder) => encoder.copyBufferToBuffer(buffer, offset, input, 0, bytes));
    } catch (cause) {
      // A buffer of another implementation of WebGPU.
      thrown = cause as Error;
    }
  });
  const accepted = watched.accepted
    .then(() => {
      if (thrown) throw thrown;
    })
    .catch((cause: Error) => {
      throw !source || cause instanceof LimitError ? cause : unreadable(where, cause);
    });
  accepted.catch(() => {});
  return { ...memory, accepted };
}

function unreadable(where: string, cause: Error): ValueError {
  return new ValueError(
    `${where}: buffer cannot be read (${cause.message.split('\n')[0]}). Give one of gpu.device that is neither destroyed ` +
      `nor mapped.`,
    { cause },
  );
}

/** Takes memory back once a push has settled. @param isAccepted whether the push has succeeded, and keeps its outputs */
export function takeBack(pool: BufferPool, { input, output }: PushMemory, isAccepted: boolean): void {
  if (isAccepted) {
    if (input) pool.giveBack(input);
    return;
  }
  // They may be invalid.
  for (const buffer of [input, output]) if (buffer) pool.drop(buffer);
}

/** Encodes copies of the inputs that lie on the GPU to their rows of an update, time-major. */
export function copyInputs(encoder: GPUCommandEncoder, update: BoundUpdate): void {
  const { rows, steps, bound } = update;
  const { buffer, byteOffset, byteLength } = bound.source.x;
  const bytes = byteLength / (steps * rows);
  forPushes(update, ({ chunk: { memory } }, row, from, to, at) => {
    if (!memory?.input) return;
    // The steps of a single row lie one behind the other.
    const count = rows === 1 ? to - from : 1;
    for (let step = from; step < to; step += count) {
      const target = byteOffset + ((at + step - from) * rows + row) * bytes;
      encoder.copyBufferToBuffer(memory.input, step * bytes, buffer, target, count * bytes);
    }
  });
}

/** Encodes copies of the outputs of an update to the pushes for which they stay on the GPU. */
export function copyOutputs(encoder: GPUCommandEncoder, update: BoundUpdate, network: Network): void {
  const { rows, bound } = update;
  const { buffer, byteOffset } = bound.source.output;
  const bytes = 4 * outputsOf(network).outputs;
  forOutputs(update, network, ({ chunk: { memory } }, row, from, to, at) => {
    if (!memory?.output) return;
    const count = rows === 1 ? to - from : 1;
    for (let step = from; step < to; step += count) {
      const source = byteOffset + ((at + step - from) * rows + row) * bytes;
      encoder.copyBufferToBuffer(buffer, source, memory.output, step * bytes, count * bytes);
    }
  });
}

/** Tells the pushes of an update that the device has accepted those copies. */
export function passOutputs(update: BoundUpdate, network: Network): void {
  forOutputs(update, network, (push, _row, from, to) => {
    if (push.chunk.memory?.output) push.pass((to - from) * outputsOf(network).outputs);
  });
}

/** Whether an update has outputs or steps that are to be read. */
export function isRead(update: BoundUpdate): boolean {
  let isFound = false;
  forPushes(update, ({ chunk }) => {
    isFound ||= !chunk.memory?.output || chunk.traced !== undefined;
  });
  return isFound;
}
