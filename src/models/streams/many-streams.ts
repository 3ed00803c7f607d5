import { ValueError } from '../../runtime/errors.ts';
import { isAsyncIterable, show } from '../../runtime/options.ts';
import type { OutputArray } from '../training/output-array.ts';
import type { PushInput } from './chunk.ts';
import type { Generated, GenerateOptions } from './generate-options.ts';
import { toGpu, type GpuOutput, type GpuOutputOption } from './gpu-arrays.ts';
import { generateIn, Stream } from './stream.ts';
import type { Streams } from './streams.ts';

/** Checks all chunks before it pushes the first. */
export async function pushAll(
  where: string,
  streams: Streams<Stream>,
  chunks: Iterable<readonly [stream: Stream, x: PushInput]>,
  options?: GpuOutputOption,
): Promise<OutputArray[] | GpuOutput[]> {
  const isToGpu = toGpu(where, options);
  const checked = entriesOf(where, 'chunks', ['stream', 'x'], chunks).map(({ what, entry: [stream, x] }) => {
    assertStreamOf(what, streams, stream);
    return { stream, what, chunk: stream.check(what, what, x, isToGpu) };
  });
  if (!isToGpu) return Promise.all(checked.map(({ stream, what, chunk }) => stream.send(what, chunk, false)));
  const sent = await Promise.allSettled(checked.map(({ stream, what, chunk }) => stream.send(what, chunk, true)));
  const failed = sent.find(({ status }) => status === 'rejected');
  const outputs = sent.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (!failed) return outputs;
  for (const output of outputs) output.dispose();
  throw (failed as PromiseRejectedResult).reason;
}

/** Checks all requests before it sends the first. */
export async function generateAll<O extends GenerateOptions>(
  where: string,
  streams: Streams<Stream>,
  requests: Iterable<readonly [stream: Stream, steps: number, options: O]>,
): Promise<Generated<O>[]> {
  const names = ['stream', 'steps', 'options'];
  const checked = entriesOf(where, 'requests', names, requests).map(({ what, entry: [stream, steps, options] }) => {
    assertStreamOf(what, streams, stream);
    return [stream, stream.checkGeneration(what, steps, options)] as const;
  });
  return generateIn(where, streams, checked) as Promise<Generated<O>[]>;
}

/**
 * The entries of an iterable, each with its place for error messages.
 *
 * @param names what an entry is made of
 * @throws ValueError if it is none, or an entry is no list of so many
 */
function entriesOf<T extends readonly unknown[]>(
  where: string,
  name: string,
  names: readonly string[],
  given: Iterable<T>,
): { what: string; entry: T }[] {
  const form = `[${names.join(', ')}]`;
  if (typeof given?.[Symbol.iterator] !== 'function') {
    throw new ValueError(
      `${where}: got ${show(given)}, expected a list of ${name}, ${form} each.` +
        (isAsyncIterable(given) ? ' Collect what an asynchronous iterable gives first.' : ''),
    );
  }
  return Array.from(given, (entry, n) => {
    const what = `${where}: ${name}[${n}]`;
    if (Array.isArray(entry) && entry.length === names.length) return { what, entry };
    throw new ValueError(`${what} is ${show(entry)}, expected ${form}.`);
  });
}

function assertStreamOf(what: string, streams: Streams<Stream>, stream: unknown): asserts stream is Stream {
  if (!(stream instanceof Stream)) {
    throw new ValueError(`${what} has ${show(stream)} as its stream, expected what model.openStream() gives.`);
  }
  if (!stream.isOf(streams)) {
    throw new ValueError(`${what} has a stream of another model. Give it to that one.`);
  }
}
