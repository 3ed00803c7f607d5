import {
  BusyError,
  DisposedError,
  ShapeError,
  SlotsFullError,
  ValueError,
  type ArrayInput,
  type OutputArray,
  type Stream,
} from '../../../../../src/index.ts';
import { rng } from '../../../../harness/random.ts';
import { pickOf, type Call } from './call.ts';
import { compareOutputs } from './compare.ts';
import { chunkOf, numbers, wrongChunk, type Given } from './inputs.ts';
import { readWeights } from './model-operations.ts';
import { opening } from './opening.ts';
import { copyOf } from './plain-model.ts';
import type { OpenStream, Subject } from './subject.ts';
import type { World } from './world.ts';

/** What is compared when a chunk was pushed, and what its failure means. */
export function checksOf(subject: Subject, stream: OpenStream, given: Pick<Given, 'data' | 'steps' | 'shape'>) {
  return {
    check: ({ data, shape }: Pick<OutputArray, 'data' | 'shape'>) => {
      if (stream.isBroken) throw new Error('a push before it into the same stream failed, and it did not');
      const expected = subject.plain.push(stream.state, given.data, given.steps);
      compareOutputs(data, expected, shape, given.shape);
    },
    onEnd: () => {
      stream.isBroken = true;
    },
  };
}

export function push({ world, subject, pick, steps, random }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  readWeights(world, subject);
  const given = chunkOf(subject.kind, random, steps);
  const { check, onEnd } = checksOf(subject, stream, given);
  const result = world.send(subject, `stream.push of ${steps} steps`, () => stream.stream.push(given.x), check, {
    onEnd,
  });
  subject.use(stream);
  given.spoil();
  return result;
}

export function pushMany({ world, subject, random }: Call): Promise<unknown> | void {
  if (subject.open.length === 0) return;
  readWeights(world, subject);
  const count = random.integer(0, 2 * subject.open.length);
  const parts = Array.from({ length: count }, () => {
    const stream = subject.open[random.integer(0, subject.open.length - 1)];
    return { stream, given: chunkOf(subject.kind, random, random.integer(1, 5)) };
  });
  const chunks = parts.map(({ stream, given }) => [stream.stream, given.x] as const);
  const each = parts.map(({ stream, given }) => checksOf(subject, stream, given));
  const result = world.send(
    subject,
    `model.pushAll of ${count} chunks`,
    () => subject.model.pushAll(chunks),
    (outputs) => {
      if (outputs.length !== count) throw new Error(`${outputs.length} outputs for ${count} chunks`);
      outputs.forEach((output, n) => each[n].check(output));
    },
    { onEnd: () => each.forEach(({ onEnd }) => onEnd()) },
  );
  for (const { stream, given } of parts) {
    subject.use(stream);
    given.spoil();
  }
  return result;
}

export function open({ world, subject, random }: Call): void {
  const isTraced = world.isLong && random.uniform(0, 1) < 0.1;
  opening(world, subject, 'model.openStream', () => subject.model.openStream({ trace: isTraced }), { isTraced });
}

/** Opens so many that a batch has many rows. */
export function openMany(call: Call): void {
  for (let count = call.random.integer(2, 40); count > 0; count--) open(call);
}

/** Pushes a chunk of the same length into many streams, whose slots mostly lie one behind the other. */
export function pushEach(call: Call): Promise<unknown> | void {
  const { subject, random } = call;
  const steps = Math.min(call.steps, 6);
  const [from, to] = [random.integer(0, 3), subject.open.length - random.integer(0, 3)];
  let last: Promise<unknown> | void = undefined;
  for (let pick = from; pick < to; pick++) last = push({ ...call, pick, steps });
  return last;
}

export function close({ world, subject, pick }: Call): void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  const act = () => stream.stream.close();
  // After the end of its model close does nothing, and the stream still counts as open.
  if (subject.ended && !subject.isEnding) return act();
  if (world.call(subject, 'stream.close', act) && !stream.stream.isOpen) subject.remove(stream);
}

export function reset({ world, subject, pick }: Call): void {
  const stream = pickOf(subject.open, pick);
  if (!stream || !world.call(subject, 'stream.reset', () => stream.stream.reset())) return;
  subject.use(stream);
  world.inOrder('stream.reset', () => subject.plain.reset(stream.state));
}

export function fork({ world, subject, pick }: Call): void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  const { isTraced } = stream;
  const twin = opening(world, subject, 'stream.fork', () => stream.stream.fork(), { isTraced, source: stream });
  if (!twin) return;
  subject.use(stream);
  twin.wasRefused = stream.wasRefused;
  const { steps } = twin.stream;
  world.inOrder('stream.fork', () => {
    twin.state = { ...copyOf(stream.state), steps };
    twin.isBroken = stream.isBroken;
  });
}

export async function process({ world, subject, pick, random }: Call): Promise<void> {
  const stream = pickOf(subject.open, pick);
  if (!stream || subject.fits > 0 || subject.callbacks > 0 || subject.ended) return;
  readWeights(world, subject);
  const chunks = Array.from({ length: random.integer(0, 4) }, () =>
    chunkOf(subject.kind, random, random.integer(1, 4)),
  );
  const [end, at] = [random.integer(0, 3), random.integer(0, 4)];
  const thrown = new RangeError('enough');
  async function* source(): AsyncGenerator<ArrayInput | number> {
    for (const [n, { x }] of chunks.entries()) {
      if (n === at && end === 1) throw thrown;
      if (n === at && end === 2) yield wrongChunk(subject.kind, random);
      yield x;
    }
  }
  world.calls++;
  let count = 0;
  let failed: unknown;
  try {
    for await (const output of stream.stream.process(source())) {
      const { check } = checksOf(subject, stream, chunks[count++]);
      subject.use(stream);
      world.inOrder('stream.process', () => check(output));
      if (end === 3 && count === at) break;
    }
  } catch (error) {
    failed = error;
  }
  const isFailing = at < chunks.length && (end === 1 || end === 2);
  const expected = isFailing || (end === 3 && at > 0) ? Math.min(at, chunks.length) : chunks.length;
  if (count !== expected)
    throw new Error(`stream.process gave ${count} outputs, expected ${expected}`, { cause: failed });
  const isRight = !isFailing
    ? failed === undefined
    : end === 1
      ? failed === thrown
      : failed instanceof ShapeError || failed instanceof ValueError;
  if (!isRight) throw new Error(`stream.process ended with ${String(failed)}`, { cause: failed });
}

export function pushWrong({ world, subject, pick, random }: Call): void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  const x = wrongChunk(subject.kind, random);
  world.refused(subject, `stream.push of ${JSON.stringify(x)}`, () => stream.stream.push(x), ShapeError, ValueError);
}

/** Chunks of which all but one could be pushed. */
export function pushAllWrong({ world, subject, pick, random }: Call): void {
  if (subject.open.length === 0) return;
  const chunks: [Stream, ArrayInput | number][] = subject.open.map(({ stream }) => [
    stream,
    chunkOf(subject.kind, random, random.integer(1, 3)).x,
  ]);
  const other = world.subjects.find((each) => each !== subject)?.open[0];
  const closed = pickOf(subject.closed, pick);
  const { x } = chunkOf(subject.kind, random, 1);
  const wrong: [Stream, ArrayInput | number][] = [
    [chunks[0][0], wrongChunk(subject.kind, random)],
    [{} as Stream, x],
    ...(other ? [[other.stream, x] as [Stream, ArrayInput | number]] : []),
    ...(closed ? [[closed, x] as [Stream, ArrayInput | number]] : []),
  ];
  chunks.splice(random.integer(0, chunks.length), 0, wrong[random.integer(0, wrong.length - 1)]);
  const all = () => subject.model.pushAll(chunks);
  world.refused(subject, 'model.pushAll with a wrong chunk', all, ShapeError, ValueError, DisposedError);
}

export function useClosed({ world, subject, pick, random }: Call): void {
  const stream = pickOf(subject.closed, pick);
  if (!stream) return;
  const { x } = chunkOf(subject.kind, random, 1);
  const uses = [() => stream.push(x), () => stream.reset(), () => stream.fork(), () => stream.process([x]).next()];
  world.refused(subject, 'a call of a closed stream', uses[random.integer(0, uses.length - 1)], DisposedError);
  if (stream.isOpen) throw new Error('a closed stream says that it is open');
  // The second time it does nothing, whatever has become of the model.
  stream.close();
}

/** Calls of the model with arguments that it cannot take. */
export function refused({ world, subject, random }: Call): void {
  const { model, batchSize, kind } = subject;
  const x = { data: numbers(kind, random, 2 * kind.features), shape: kind.isIndices ? [1, 2] : [1, 2, kind.features] };
  const calls = [
    () => model.setWeights([]),
    () => model.setWeights([{ data: [NaN], shape: [1] }]),
    () => model.resetStates([batchSize]),
    () => model.trainOnBatch(x, [[[[1]]]]),
    () => model.fit(x, [], { shuffle: false }),
    () => model.predict([[['a']]] as unknown as ArrayInput),
    () => model.pushAll(undefined as never),
    () => model.pushAll([undefined] as never),
  ];
  const errors = subject.fits > 0 ? [BusyError] : [];
  const n = random.integer(0, calls.length - 1);
  world.refused(subject, `the refused call ${n}`, calls[n], ShapeError, ValueError, ...errors);
}

/** All slots of a model are free again, and those of new streams are clean. */
export function checkSlots(world: World, subject: Subject): void {
  const { model, open: streams, capacity, kind, plain, options } = subject;
  for (const { stream, state, uncertainSteps = 0 } of streams.splice(0)) {
    const { steps, resets } = stream;
    if (steps < state.steps || steps > state.steps + uncertainSteps || resets !== state.resets)
      throw new Error(`a stream has ${steps} steps and ${resets} resets, expected ${state.steps} and ${state.resets}`);
    world.call(subject, 'stream.close', () => stream.close());
  }
  readWeights(world, subject);
  const { x, data, steps } = chunkOf(kind, rng(capacity), 2);
  const fresh = Array.from({ length: capacity }, () => model.openStream());
  if (!options.evicts) world.refused(subject, 'model.openStream', () => model.openStream(), SlotsFullError);
  const all = () => model.pushAll(fresh.map((stream) => [stream, x] as const));
  void world.send(subject, 'model.pushAll into all slots', all, (outputs) => {
    const expected = plain.push(plain.zero(), data, steps);
    for (const output of outputs) compareOutputs(output.data, expected, output.shape, output.shape);
  });
}
