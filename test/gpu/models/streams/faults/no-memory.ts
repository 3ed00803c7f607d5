import { LimitError, ShaderError } from '../../../../../src/index.ts';
import { refuseBuffer } from '../../builders/refuse-buffer.ts';
import type { Call } from './call.ts';
import { chunkOf } from './inputs.ts';
import { readWeights } from './model-operations.ts';
import { checksOf } from './stream-operations.ts';

/** Pushes while the device refuses a buffer. A push that fails leaves its stream as it was, also if that was reset. */
export async function pushWithoutMemory({ world, subject, random }: Call): Promise<void> {
  await world.settle();
  if (subject.ended) return;
  readWeights(world, subject);
  await world.settle();
  let left = random.integer(0, 15);
  const restore = refuseBuffer(world.gpu.device, () => left-- === 0);
  for (const stream of subject.open.toSorted(() => random.uniform(-1, 1)).slice(0, random.integer(1, 40))) {
    if (random.uniform(0, 1) < 0.3) {
      stream.stream.reset();
      subject.use(stream);
      world.inOrder('stream.reset', () => subject.plain.reset(stream.state));
    }
    const given = chunkOf(subject.kind, random, random.integer(1, 9));
    const { check } = checksOf(subject, stream, given);
    const push = () => stream.stream.push(given.x);
    const accepts = (error: unknown) => {
      stream.state.traced = undefined;
      return error instanceof LimitError || error instanceof ShaderError;
    };
    stream.wasRefused = true;
    void world.send(subject, 'stream.push without memory', push, check, { accepts });
    subject.use(stream);
  }
  await world.settle();
  restore();
}
