import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';
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
  const checked = Array.from(chunks, ([stream, x], n) => {
    const what = `${where}: chunks[${n}]`;
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
  const checked = Array.from(requests, ([stream, steps, options], n) => {
    const what = `${where}: requests[${n}]`;
    assertStreamOf(what, streams, stream);
    return [stream, stream.checkGeneration(what, steps, options)] as const;
  });
  return generateIn(where, streams, checked) as Promise<Generated<O>[]>;
}

function assertStreamOf(what: string, streams: Streams<Stream>, stream: unknown): asserts stream is Stream {
  if (!(stream instanceof Stream)) {
    throw new ValueError(`${what} has ${show(stream)} as its stream, expected what model.openStream() gives.`);
  }
  if (!stream.isOf(streams)) {
    throw new ValueError(`${what} has a stream of another model. Give it to that one.`);
  }
}
