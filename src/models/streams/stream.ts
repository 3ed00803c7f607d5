import { DisposedError, ValueError } from '../../runtime/errors.ts';
import { knownOptions, trueOrFalse } from '../../runtime/options.ts';
import { untilAborted } from '../training/engine/abort.ts';
import { OutputArray } from '../training/output-array.ts';
import type { TracedSteps } from '../training/traced-steps.ts';
import { checkChunks, toChunk, type Chunk, type PushInput } from './chunk.ts';
import {
  checkGenerate,
  type Generated,
  type GeneratedClasses,
  type GenerateOptions,
  type GenerationRequest,
} from './generate-options.ts';
import { toGpu, type GpuOutput, type GpuOutputOption } from './gpu-arrays.ts';
import { withSteps, type InspectedLayer } from './inspection.ts';
import type { StreamSnapshot } from './snapshot.ts';
import type { StreamBeginning, StreamOptions } from './stream-options.ts';
import type { StartedGeneration, Streams } from './streams.ts';
import { outputsOf } from './update-numbers.ts';

/**
 * A sequence of any length that goes through a model chunk by chunk. Its states stay on the GPU, in a slot of its own, and each
 * push goes on from the one before. How it is cut into chunks makes no difference but roundings.
 *
 * Calls take effect in the order in which they are made, awaited or not. Pushes that are made in one go, into any streams of a
 * model, go to the GPU together. While the model trains, they are computed between two batches, with the weights of that
 * moment.
 *
 * Every method but `close` throws DisposedError after `close` and after `dispose` of the model, DeviceLostError after the loss
 * of the device, and BusyError while an asynchronous callback of `evaluate` has not returned.
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
  #lastUse: number;

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
    this.#lastUse = streams.nextUse();
    verified?.catch((error: Error) => this.#refuse(error));
  }

  /** Whether it was not closed before the end of its model. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * How many steps were pushed into it or generated, and into the stream or the snapshot from which it went on. Those of a
   * call under way are all counted; those that a signal has left out no longer are once its promise has been rejected.
   */
  get steps(): number {
    return this.#steps;
  }

  /** How often it was reset, with the resets of the stream or the snapshot from which it went on. */
  get resets(): number {
    return this.#resets;
  }

  /**
   * Goes on by one step, [features], or by a chunk of steps, [timesteps, features]. A flat list is a chunk if it has a multiple
   * of the features. The array may be used again once the call has returned.
   *
   * Numbers may lie in a buffer of the same device, `{ buffer, offset, shape }`: they are what was submitted before the call
   * has left there, and the buffer may be changed or destroyed by what is submitted behind it. Nobody sees whether they are
   * finite.
   *
   * @returns the outputs of each step, [timesteps, outputs], without the first dimension for one step; or [outputs] of the last
   * step if the model gives no sequences
   * @throws ShapeError, ValueError, LimitError (as rejections); then the stream stays as it was
   */
  push(x: PushInput): Promise<OutputArray>;
  /** The same with outputs that stay on the GPU. It settles when they have been submitted, and nothing is read back. */
  push(x: PushInput, options: GpuOutputOption): Promise<GpuOutput>;
  async push(x: PushInput, options?: GpuOutputOption): Promise<OutputArray | GpuOutput> {
    const where = 'stream.push';
    const isToGpu = toGpu(where, options);
    return this.send(where, this.check(where, where, x, isToGpu), isToGpu);
  }

  /**
   * Pushes the chunks of an iterable one after the other, and gives the outputs of each. The next chunk is asked for when the
   * outputs of the one before have been taken.
   *
   * @throws ValueError if it is no iterable; as `push`, with the number of the chunk in the message
   */
  async *process(source: Iterable<PushInput> | AsyncIterable<PushInput>): AsyncGenerator<OutputArray, void, void> {
    const where = 'stream.process';
    checkChunks(where, source);
    let number = 0;
    for await (const x of source)
      yield await this.send(where, this.check(where, `${where}: chunk ${number++}`, x), false);
  }

  /**
   * Lets the model feed itself, on the GPU: each generated step is made of the last output, returned, and pushed. 200 steps and
   * then 300 give what 500 give, but for the random numbers, which a call draws from its seed and the number of the step.
   *
   * @param steps how many
   * @param options `sample` draws classes from the outputs, which then have to be probabilities, and `feedback` makes the
   * outputs the next inputs; `from` is pushed first, `signal` ends it early
   * @returns the classes with the seed; with `feedback` the values, [steps, outputs], the first of which is the output of the
   * last push
   * @throws ValueError, ShapeError (as rejections) before anything changed, also if the stream has no output yet and `from` is
   * missing; LimitError if the results are more than 2 GiB; the reason of the signal; ValueError once the
   * outputs are NaN and no class can be drawn
   */
  async generate<O extends GenerateOptions>(steps: number, options: O): Promise<Generated<O>> {
    const where = 'stream.generate';
    const [result] = await generateIn(where, this.#streams, [[this, this.checkGeneration(where, steps, options)]]);
    return result as Generated<O>;
  }

  /** Lets the state start from zero again, behind the pushes before. */
  reset(): void {
    const where = 'stream.reset';
    this.#assertOpen(where);
    this.#streams.reset(where, this.#slot);
    this.#resets++;
    this.#lastSteps = undefined;
    this.#lastUse = this.#streams.nextUse();
  }

  /**
   * Looks inside: the state of every recurrent layer, in their order, as it is between the pushes before and those behind.
   * Calls made in one go, for any streams, share a readback.
   *
   * @returns h, and c of an lstm, [units] each; and `steps`, the gates and states of each step of the last push, if the stream
   * was opened with `trace: true` and nothing was generated since
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
    const twin = openStream(where, this.#streams, { name, trace, steps, resets, verified }, this);
    this.#lastUse = this.#streams.nextUse();
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
    return this.#save(where);
  }

  #save(where: string): Promise<StreamSnapshot> {
    const [name, steps, resets] = [this.name, this.#steps, this.#resets];
    return this.#whenVerified(this.#streams.save(where, this.#slot, { name, steps, resets }));
  }

  /**
   * Gives the slot back, behind the pushes before, whose outputs still come. Does nothing the second time, and nothing after
   * `dispose` of the model and the loss of the device: the stream then still counts as one of those that were open.
   */
  close(): void {
    if (!this.#isOpen || this.#streams.calls.isOver) return;
    this.#streams.calls.assertUsable('stream.close');
    this.#streams.close(this, this.#slot);
    this.#isOpen = false;
  }

  /** @internal */
  get lastUse(): number {
    return this.#lastUse;
  }

  /** @internal Closes it for the sake of another stream. */
  evict(where: string): Promise<StreamSnapshot> {
    const saved = this.#save(where);
    this.#streams.close(this, this.#slot);
    this.#isOpen = false;
    this.#refusal = new DisposedError(
      `this stream was evicted by ${where}, since all slots were taken. model.restoreStream() goes on from the snapshot that ` +
        `onEvict was given.`,
    );
    return saved;
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

  /** @internal Writes the states with which the stream begins, [units] each. */
  write(where: string, states: readonly Float32Array<ArrayBuffer>[]): void {
    this.#streams.write(where, this.#slot, states);
  }

  /** @internal */
  isOf(streams: Streams<Stream>): boolean {
    return this.#streams === streams;
  }

  /** @internal Checks what is to be pushed, and copies it. */
  check(where: string, what: string, x: PushInput, isToGpu = false): Chunk {
    this.#assertOpen(where);
    if (isToGpu && this.#traces) {
      throw new ValueError(
        `${what}: output is "gpu", and the stream was opened with trace: true, so its steps are read. Push ` +
          `without output, or into a stream that is not traced.`,
      );
    }
    return toChunk(what, this.#streams.engine.network, x);
  }

  /** @internal Queues a checked chunk. */
  async send<ToGpu extends boolean>(
    where: string,
    chunk: Chunk,
    isToGpu: ToGpu,
  ): Promise<ToGpu extends true ? GpuOutput : OutputArray>;
  async send(where: string, chunk: Chunk, isToGpu: boolean): Promise<OutputArray | GpuOutput> {
    const { outputs, areOfEachStep } = outputsOf(this.#streams.engine.network);
    const shape = areOfEachStep && !chunk.isStep ? [chunk.steps, outputs] : [outputs];
    if (this.#traces) chunk.traced = [];
    const pushed = isToGpu
      ? this.#streams.pushToGpu(where, this.#slot, chunk, shape)
      : this.#streams.push(where, this.#slot, chunk).then((data) => new OutputArray(data, shape));
    if (this.#traces) this.#lastSteps = pushed.then(() => chunk.traced).catch(() => undefined);
    this.#steps += chunk.steps;
    this.#lastUse = this.#streams.nextUse();
    pushed.catch(() => {
      this.#steps -= chunk.steps;
    });
    return this.#whenVerified<OutputArray | GpuOutput>(pushed);
  }

  /** @internal Checks what is to be generated. */
  checkGeneration(where: string, steps: number, options: GenerateOptions): GenerationRequest {
    this.#assertOpen(where);
    const plan = checkGenerate(where, this.#streams.engine.network, steps, options);
    const from = options.from === undefined ? undefined : this.check(where, `${where}: from`, options.from);
    if (from?.source)
      throw new ValueError(`${where}: from is a buffer, expected an array. Push it first, by stream.push.`);
    // It may be joined with pushes whose steps are looked at.
    if (this.#traces && from) from.traced = [];
    return { slot: this.#slot, plan, from };
  }

  /** @internal Counts steps that were queued to be generated, until it turns out that they were refused. */
  async generated({ plan, from }: GenerationRequest, begun: Promise<StartedGeneration>) {
    const { signal, steps, width, seed } = plan;
    const before = this.#lastSteps;
    const pushedSteps = from?.steps ?? 0;
    this.#steps += pushedSteps + steps;
    this.#lastUse = this.#streams.nextUse();
    this.#lastSteps = begun.then(
      () => undefined,
      () => before,
    );
    let counted = steps;
    let made = () => 0;
    /** Counts the steps that were made. After an abort no more are sent, so their number is the last one then. */
    const recount = () => {
      this.#steps += made() - counted;
      counted = made();
    };
    begun.catch(() => {
      this.#steps -= pushedSteps;
      recount();
    });
    const results = this.#whenVerified(
      begun.then(({ generation, pushed }) => {
        made = () => generation.sent;
        pushed?.catch(() => (this.#steps -= pushedSteps));
        generation.results.catch(recount);
        return Promise.all([generation.results, pushed]);
      }),
    );
    const [data] = await (signal ? untilAborted(results, signal).finally(() => signal.aborted && recount()) : results);
    signal?.throwIfAborted();
    return data instanceof Uint32Array ? { classes: data, seed } : new OutputArray(data, [steps, width]);
  }

  /** @throws DisposedError, DeviceLostError */
  #assertOpen(where: string): void {
    this.#streams.calls.assertUsable(where);
    if (this.#isOpen) return;
    if (this.#refusal) throw this.#refusal;
    throw new DisposedError(`${where}: this stream was closed. Open another with model.openStream().`);
  }
}

/** Opens a stream in a free slot. @throws ValueError, SlotsFullError @internal */
export function openStream(
  where: string,
  streams: Streams<Stream>,
  beginning: StreamBeginning,
  source?: Stream,
): Stream {
  trueOrFalse(where, 'trace', beginning.trace ?? false);
  return streams.add(where, beginning.name, (slot, name) => new Stream(streams, slot, name, beginning), source);
}

/** Queues steps that are to be generated in these streams: in all, or in none if one has no output to go on from. @internal */
export async function generateIn(
  where: string,
  streams: Streams<Stream>,
  requests: readonly (readonly [Stream, GenerationRequest])[],
): Promise<(GeneratedClasses | OutputArray)[]> {
  const begun = streams.generate(
    where,
    requests.map(([, request]) => request),
  );
  const results = requests.map(([stream, request], n) => {
    const own = begun.then((started) => started[n]);
    return stream.generated(request, own);
  });
  return Promise.all(results);
}
