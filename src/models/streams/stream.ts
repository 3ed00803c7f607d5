import { DisposedError, ValueError } from '../../runtime/errors.ts';
import { knownOptions, show, trueOrFalse } from '../../runtime/options.ts';
import type { ArrayInput } from '../network/arrays.ts';
import { OutputArray } from '../training/output-array.ts';
import type { TracedSteps } from '../training/traced-steps.ts';
import { toChunk, type Chunk } from './chunk.ts';
import { withSteps, type InspectedLayer } from './inspection.ts';
import type { StreamFacts, StreamSnapshot } from './snapshot.ts';
import type { Streams } from './streams.ts';
import { outputsOf } from './update-numbers.ts';

export interface StreamOptions {
  /** A name that no other open stream of the model has, by which its snapshot is known. Default: `'stream_0'` and so on. */
  name?: string;
  /**
   * Keeps the gates, h and c of each step of the last push, for `inspect`. Pushes then take more time and memory, those into
   * other streams do not. Default: false, and for a fork as its stream.
   */
  trace?: boolean;
}

/** With what a stream begins that goes on from another one. */
export interface StreamBeginning extends Partial<StreamFacts>, Pick<StreamOptions, 'trace'> {
  /** Rejects if the stream must not be used, and settles otherwise; absent if it may be. */
  verified?: Promise<unknown>;
}

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
  readonly #streams: Streams<Stream>;
  readonly #slot: number;
  #isOpen = true;
  /** Why it was closed, if that was not asked for. */
  #refusal?: Error;
  #steps: number;
  #resets: number;
  /** Results are given once it has settled. */
  readonly #verified?: Promise<unknown>;
  readonly #traces: boolean;
  /** Settles with the steps of the last push, if they are looked at and it succeeded. */
  #lastSteps?: Promise<readonly TracedSteps[] | undefined>;

  /** @internal Use `model.openStream`. */
  constructor(
    streams: Streams<Stream>,
    slot: number,
    /** By this name its snapshot is known. */
    readonly name: string,
    { steps = 0, resets = 0, verified, trace = false }: StreamBeginning,
  ) {
    this.#streams = streams;
    this.#slot = slot;
    this.#steps = steps;
    this.#resets = resets;
    this.#verified = verified;
    this.#traces = trace;
    verified?.catch((error: Error) => this.#refuse(error));
  }

  /** Whether it was not closed yet. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many steps were pushed into it, and into the stream or the snapshot from which it went on. */
  get steps(): number {
    return this.#steps;
  }

  /** How often it was reset, and the stream or the snapshot from which it went on. */
  get resets(): number {
    return this.#resets;
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
    this.#resets++;
    this.#lastSteps = undefined;
  }

  /**
   * Looks inside: the state of every recurrent layer, in their order, as it is between the pushes before and those behind.
   * Calls made in one go, for any streams, share a readback.
   *
   * @returns h, and c of an lstm, [units] each; and `steps`, the gates and states of each step of the last push, if the stream
   * was opened with `trace: true`
   */
  async inspect(): Promise<InspectedLayer[]> {
    const where = 'stream.inspect';
    this.#assertOpen(where);
    const layers = this.#streams.inspect(where, this.#slot);
    return withSteps(await this.#whenVerified(Promise.all([layers, this.#lastSteps])));
  }

  /**
   * Opens another stream that goes on from the same state, which is copied on the GPU.
   *
   * @throws SlotsFullError if no slot is free; ValueError if an open stream has the name that is given
   */
  fork(options: StreamOptions = {}): Stream {
    const where = 'stream.fork';
    this.#assertOpen(where);
    knownOptions(where, options, ['name', 'trace']);
    // A slot must not be taken by a call that is refused.
    this.#streams.calls.assertBetweenBatches(where);
    const { name, trace = this.#traces } = options;
    const [steps, resets, verified] = [this.#steps, this.#resets, this.#verified];
    const twin = openStream(where, this.#streams, { name, trace, steps, resets, verified });
    this.#streams.copy(where, this.#slot, twin.#slot);
    return twin;
  }

  /**
   * The state as it is behind the pushes before, as plain data that can be stored: `model.restoreStream` goes on from it. Saves
   * made in one go share a readback. The first one after the weights have changed reads these too.
   *
   * @throws LimitError (as a rejection) if there is no memory for the readback
   */
  async save(): Promise<StreamSnapshot> {
    const where = 'stream.save';
    this.#assertOpen(where);
    const [name, steps, resets] = [this.name, this.#steps, this.#resets];
    return this.#whenVerified(this.#streams.save(where, this.#slot, { name, steps, resets }));
  }

  /** Gives the slot back, behind the pushes before, whose outputs still come. Does nothing the second time. */
  close(): void {
    if (!this.#isOpen) return;
    this.#streams.calls.assertUsable('stream.close');
    this.#streams.close(this, this.#slot);
    this.#isOpen = false;
  }

  #refuse(error: Error): void {
    if (!this.#isOpen) return;
    this.#streams.refuse(this, this.#slot);
    this.#isOpen = false;
    this.#refusal = error;
  }

  /** A result, once it is known that the stream may be used. */
  #whenVerified<T>(result: Promise<T>): Promise<T> {
    return this.#verified ? Promise.all([result, this.#verified]).then(([value]) => value) : result;
  }

  /** @internal Begins with states of zero or others. */
  write(where: string, states: readonly Float32Array<ArrayBuffer>[]): void {
    this.#streams.write(where, this.#slot, states);
  }

  /** @internal */
  isOf(streams: Streams<Stream>): boolean {
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
    if (this.#traces) chunk.traced = [];
    const pushed = this.#streams.push(where, this.#slot, chunk);
    if (this.#traces) this.#lastSteps = pushed.then(() => chunk.traced).catch(() => undefined);
    this.#steps += steps;
    const data = await this.#whenVerified(pushed);
    return new OutputArray(data, areOfEachStep && !isStep ? [steps, outputs] : [outputs]);
  }

  /** @throws DisposedError, DeviceLostError */
  #assertOpen(where: string): void {
    this.#streams.calls.assertUsable(where);
    if (this.#isOpen) return;
    if (this.#refusal) throw this.#refusal;
    throw new DisposedError(`${where}: this stream was closed. Open another with model.openStream().`);
  }
}

/** Opens a stream in a free slot. @throws ValueError, SlotsFullError */
export function openStream(where: string, streams: Streams<Stream>, beginning: StreamBeginning): Stream {
  trueOrFalse(where, 'trace', beginning.trace ?? false);
  return streams.add(where, beginning.name, (slot, name) => new Stream(streams, slot, name, beginning));
}

/** Checks all chunks before it pushes the first. */
export async function pushAll(
  where: string,
  streams: Streams<Stream>,
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
