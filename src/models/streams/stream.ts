import { DisposedError, ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { OutputArray } from '../training/output-array.ts';
import { toChunk, type Chunk } from './chunk.ts';
import type { Streams } from './streams.ts';
import { outputsOf } from './update-numbers.ts';

/**
 * A sequence of any length that goes through a model chunk by chunk. Its states stay on the GPU, in a slot of its own, and each
 * push goes on from the one before. How it is cut into chunks makes no difference but roundings.
 *
 * Calls take effect in the order in which they are made, awaited or not. Pushes that are made in one go, into any streams of a
 * model, go to the GPU together. While the model trains, they are computed between two batches, with the weights of that
 * moment.
 *
 * Every method throws DisposedError after `close` and after `dispose` of the model, DeviceLostError after the loss of the
 * device, and BusyError while an asynchronous callback of `evaluate` has not returned.
 */
export class Stream {
  readonly #streams: Streams;
  readonly #slot: number;
  #isOpen = true;

  /** @internal Use `model.openStream`. */
  constructor(streams: Streams, slot: number) {
    this.#streams = streams;
    this.#slot = slot;
  }

  /** Whether it was not closed yet. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Goes on by one step, [features], or by a chunk of steps, [timesteps, features]. A flat list is a chunk if it has a multiple
   * of the features. The array may be used again once the call has returned.
   *
   * @returns the outputs of each step, [timesteps, outputs], without the first dimension for one step; or [outputs] of the last
   * step if the model gives no sequences
   * @throws ShapeError, ValueError (as rejections); then the stream stays as it was
   */
  async push(x: ArrayInput | number): Promise<OutputArray> {
    const where = 'stream.push';
    const chunk = this.check(where, where, x);
    return this.send(where, chunk);
  }

  /**
   * Pushes the chunks of an iterable one after the other, and gives the outputs of each. The next chunk is asked for when the
   * outputs of the one before have been taken.
   *
   * @throws as `push`; the number of the chunk is in the message
   */
  async *process(
    source: Iterable<ArrayInput | number> | AsyncIterable<ArrayInput | number>,
  ): AsyncGenerator<OutputArray, void, void> {
    const where = 'stream.process';
    let number = 0;
    for await (const x of source) yield await this.send(where, this.check(where, `${where}: chunk ${number++}`, x));
  }

  /** Lets the state start from zero again, behind the pushes before. */
  reset(): void {
    const where = 'stream.reset';
    this.#assertOpen(where);
    this.#streams.reset(where, this.#slot);
  }

  /**
   * Opens another stream that goes on from the same state, which is copied on the GPU.
   *
   * @throws SlotsFullError if no slot is free
   */
  fork(): Stream {
    const where = 'stream.fork';
    this.#assertOpen(where);
    // A slot must not be taken by a call that is refused.
    this.#streams.calls.assertBetweenBatches(where);
    const slot = this.#streams.take(where);
    this.#streams.copy(where, this.#slot, slot);
    return new Stream(this.#streams, slot);
  }

  /** Gives the slot back, behind the pushes before, whose outputs still come. Does nothing the second time. */
  close(): void {
    if (!this.#isOpen) return;
    this.#streams.calls.assertUsable('stream.close');
    this.#streams.giveBack(this.#slot);
    this.#isOpen = false;
  }

  /** @internal */
  isOf(streams: Streams): boolean {
    return this.#streams === streams;
  }

  /** @internal Checks what is to be pushed, and copies it. */
  check(where: string, what: string, x: ArrayInput | number): Chunk {
    this.#assertOpen(where);
    return toChunk(what, this.#streams.engine.network, x);
  }

  /** @internal Queues a checked chunk. */
  async send(where: string, chunk: Chunk): Promise<OutputArray> {
    const { outputs, areOfEachStep } = outputsOf(this.#streams.engine.network);
    const { steps, isStep } = chunk;
    const data = await this.#streams.push(where, this.#slot, chunk);
    return new OutputArray(data, areOfEachStep && !isStep ? [steps, outputs] : [outputs]);
  }

  /** @throws DisposedError, DeviceLostError */
  #assertOpen(where: string): void {
    this.#streams.calls.assertUsable(where);
    if (this.#isOpen) return;
    throw new DisposedError(`${where}: this stream was closed. Open another with model.openStream().`);
  }
}

/** Checks all chunks before it pushes the first. */
export async function pushAll(
  where: string,
  streams: Streams,
  chunks: Iterable<readonly [stream: Stream, x: ArrayInput | number]>,
): Promise<OutputArray[]> {
  const checked = Array.from(chunks, ([stream, x], n) => {
    const what = `${where}: chunks[${n}]`;
    if (!(stream instanceof Stream)) {
      throw new ValueError(`${what} has ${show(stream)} as its stream, expected what model.openStream() gives.`);
    }
    if (!stream.isOf(streams)) {
      throw new ValueError(`${what} has a stream of another model. Push it into that one.`);
    }
    return { stream, chunk: stream.check(what, what, x) };
  });
  return Promise.all(checked.map(({ stream, chunk }) => stream.send(where, chunk)));
}
