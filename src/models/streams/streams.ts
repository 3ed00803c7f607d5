import { BufferPool } from '../../runtime/buffer-pool.ts';
import { SlotsFullError, ValueError } from '../../runtime/errors.ts';
import { optionalName, show } from '../../runtime/options.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { ExplanationRow } from '../training/engine/program-cache.ts';
import type { Calls } from '../training/engine/calls.ts';
import type { Chunk } from './chunk.ts';
import { WeightsDigest } from './fingerprint.ts';
import { GenerateBatch } from './generate-batch.ts';
import type { GenerationRequest } from './generate-options.ts';
import { noOutput, type Generation } from './generation.ts';
import type { GenerationMemory } from './generator.ts';
import { GpuOutput, type PushMemory } from './gpu-arrays.ts';
import { inspected, type InspectedLayer } from './inspection.ts';
import { PushBatch } from './push-batch.ts';
import { lend, takeBack } from './push-memory.ts';
import { Room } from './room.ts';
import { Saves } from './saves.ts';
import { snapshotOf, type StreamFacts, type StreamSnapshot } from './snapshot.ts';
import { Upload } from './upload.ts';

/** Calls of streams that were made in one go, which share their way to the GPU. */
type Work = PushBatch | GenerateBatch | Saves;

/** Steps that are being generated, and the outputs of the chunk that is pushed first. */
export interface StartedGeneration {
  generation: Generation;
  pushed?: Promise<unknown>;
}

/** An open stream, as the others of its model know it. */
interface OpenStream {
  readonly name: string;
  /** A number that is the larger the later it was used. */
  readonly lastUse: number;
  /** Saves and closes it. @throws BusyError before it is closed */
  evict(where: string): Promise<StreamSnapshot>;
}

/** The streams of a model: which slots and names they have, and what was pushed into them and waits. */
export class Streams<S extends OpenStream> {
  readonly #upload: Upload;
  readonly #room: Room;
  readonly #memory: GenerationMemory;
  readonly #pool: BufferPool;
  /** Slots of streams that were closed. */
  readonly #free: number[] = [];
  /** How many slots have been taken at least once. */
  #used = 0;
  /** The work at the end of the queue, in its order. */
  #tail: Work[] = [];
  /** The open streams by name, in the order in which they were opened. */
  readonly open = new Map<string, S>();
  /** How many streams were given a name. */
  #named = 0;
  /** How often streams were used. */
  #uses = 0;
  /** Settles when the snapshots of all evictions so far have arrived. */
  #evicted?: Promise<void>;
  /** The digest of the model's weights. */
  readonly weights: WeightsDigest;

  constructor(
    readonly engine: Engine,
    readonly calls: Calls,
    private readonly onEvict?: (saved: StreamSnapshot, stream: S) => unknown,
  ) {
    this.#upload = new Upload(engine.gpu, 'inputs of streams');
    this.#room = new Room(engine);
    this.#pool = new BufferPool(engine.gpu, 'pushed on the GPU');
    this.weights = new WeightsDigest(engine);
    const upload = (label: string) => new Upload(engine.gpu, label);
    this.#memory = {
      draws: upload('draws'),
      results: upload('generated steps'),
      layers: upload('layers that generate'),
      explanations: new Map(),
    };
  }

  /** Explains how steps were generated. */
  get explanations(): ExplanationRow[] {
    return [...this.#memory.explanations.values()];
  }

  /** A number for the use of a stream, which is larger than those before. */
  nextUse(): number {
    return this.#uses++;
  }

  /**
   * Opens a stream in a free slot, or in that of a stream that is evicted for it.
   *
   * @param kept must not be evicted
   * @throws ValueError if an open one has this name; as `take`
   */
  add(where: string, name: string | undefined, make: (slot: number, name: string) => S, kept?: S): S {
    if (optionalName(where, name) !== undefined && this.open.has(name!)) {
      throw new ValueError(`${where}: an open stream has the name ${show(name)}. Give each a name of its own.`);
    }
    const stream = make(this.take(where, kept), name ?? this.#freeName());
    this.open.set(stream.name, stream);
    return stream;
  }

  /** Takes a free slot. @throws ValueError if the model has none at all, SlotsFullError if all are taken */
  take(where: string, kept?: S): number {
    const { maxStreams } = this.engine.network;
    if (maxStreams === 0) {
      throw new ValueError(`${where}: this model has no slots for streams. Build it with e.g. slots: 64.`);
    }
    const slot = this.#free.pop() ?? (this.#used < maxStreams ? this.#used++ : undefined);
    if (slot !== undefined) return slot;
    if (this.#evict(where, kept)) return this.#free.pop()!;
    throw new SlotsFullError(
      `${where}: all ${maxStreams} slots of this model have open streams. Close one, or build the model with more slots.`,
    );
  }

  /** Gives the slot of a stream back; its state is reset after what was called before. */
  close({ name }: S, slot: number): void {
    this.reset('stream.close', slot);
    this.#free.push(slot);
    this.open.delete(name);
  }

  /** Gives back the slot of a stream that cannot be used, when all that was called so far has had its turn. */
  refuse({ name }: S, slot: number): void {
    this.open.delete(name);
    void this.calls.inTurn(() => {
      this.engine.network.streams!.mark([slot]);
      this.#free.push(slot);
    });
  }

  /** Lets the state of a slot start from zero after what was called before. */
  reset(where: string, slot: number): void {
    void this.calls.betweenBatches(where, () => this.engine.network.streams!.mark([slot]));
  }

  /** Queues a chunk behind what was called before. @returns its outputs, which are none if they stay on the GPU */
  push(where: string, slot: number, chunk: Chunk): Promise<Float32Array<ArrayBuffer>> {
    if (chunk.source && !chunk.memory)
      return this.#pushWith(lend(where, this.#pool, chunk.source, 0), where, slot, chunk);
    return Promise.resolve(this.calls.betweenBatches(where, () => this.#pushesOf(slot).add(slot, chunk).outputs));
  }

  /**
   * Queues steps that are to be generated behind what was called before, each behind the chunk that is pushed first.
   *
   * @returns the generations, once all have had their turn
   * @throws ValueError, perhaps as a rejection, before anything changed, if a stream has no output to go on from
   */
  generate(where: string, requests: readonly GenerationRequest[]): Promise<StartedGeneration[]> {
    const started = this.calls.betweenBatches(where, () => {
      this.#assertOutputs(requests);
      return requests.map(({ slot, plan, from }) => {
        const pushed = from && this.#pushesOf(slot).add(slot, from).outputs;
        return { pushed, generation: this.#generationsFor(slot).add(slot, plan) };
      });
    });
    return Promise.resolve(started);
  }

  /** @throws ValueError if a stream has no output when its steps are to be generated */
  #assertOutputs(requests: readonly GenerationRequest[]): void {
    const pushed = new Set<number>();
    for (const { slot, plan, from } of requests) {
      if (from) pushed.add(slot);
      if (!pushed.has(slot) && this.engine.network.streams!.isMarked(slot)) throw noOutput(plan.where);
    }
  }

  /** As `push`, for outputs of this shape that stay on the GPU. */
  async pushToGpu(where: string, slot: number, chunk: Chunk, shape: Shape): Promise<GpuOutput> {
    const memory = lend(where, this.#pool, chunk.source, 4 * elementCount(shape));
    await this.#pushWith(memory, where, slot, chunk);
    return new GpuOutput(this.#pool, memory.output!, shape);
  }

  async #pushWith(memory: PushMemory, where: string, slot: number, chunk: Chunk): Promise<Float32Array<ArrayBuffer>> {
    let isAccepted = false;
    try {
      const outputs = await this.push(where, slot, { ...chunk, memory });
      isAccepted = true;
      return outputs;
    } finally {
      takeBack(this.#pool, memory, isAccepted);
    }
  }

  /** Copies the state of a slot to another, after what was called before. */
  copy(where: string, from: number, to: number): void {
    void this.calls.betweenBatches(where, () => {
      const slots = this.engine.network.streams!;
      // A slot that is marked still holds its old state.
      if (slots.isMarked(from)) return slots.mark([to]);
      slots.takeReset(to);
      this.#room.copy(from, to);
    });
  }

  /** Reads the state of a slot as it is after what was called before. Reads that follow each other share a readback. */
  save(where: string, slot: number, facts: StreamFacts): Promise<StreamSnapshot> {
    const { network } = this.engine;
    const saved = this.calls.betweenBatches(where, () => {
      const weights = this.weights.read();
      return Promise.all([weights, this.#statesOf(slot)]);
    });
    return Promise.resolve(saved).then(([weights, states]) => snapshotOf(network, facts, weights, states));
  }

  /** Reads the state of each layer in a slot as it is after what was called before, as `save` does. */
  inspect(where: string, slot: number): Promise<InspectedLayer[]> {
    const states = this.calls.betweenBatches(where, () => this.#statesOf(slot));
    return Promise.resolve(states).then((found) => inspected(this.engine.network, found));
  }

  /** Writes the state of a slot, after what was called before. */
  write(where: string, slot: number, states: readonly Float32Array<ArrayBuffer>[]): void {
    void this.calls.betweenBatches(where, () => {
      const slots = this.engine.network.streams!;
      // A stream whose states are all zero has no output yet.
      if (states.every((state) => state.every((value) => value === 0))) return slots.mark([slot]);
      slots.takeReset(slot);
      this.#room.write(slot, states);
    });
  }

  dispose(): void {
    const { draws, results, layers } = this.#memory;
    for (const memory of [this.#upload, draws, results, layers, this.#room, this.#pool]) memory.dispose();
  }

  /** Evicts the stream that was not used for longest. @returns whether there is one, and `onEvict` */
  #evict(where: string, kept?: S): boolean {
    const all = [...this.open.values()].filter((stream) => stream !== kept);
    if (!this.onEvict || all.length === 0) return false;
    const stream = all.reduce((least, other) => (other.lastUse < least.lastUse ? other : least));
    const saved = stream.evict(where);
    // A state of zero needs no readback: its snapshot would come before those of earlier evictions, perhaps of the same name.
    const arrived = Promise.allSettled([this.#evicted, saved]).then(() => {});
    this.#evicted = arrived;
    arrived.then(async () => this.onEvict!(await saved, stream)).catch((error: Error) => this.calls.tell(error));
    return true;
  }

  #freeName(): string {
    let name: string;
    do name = `stream_${this.#named++}`;
    while (this.open.has(name));
    return name;
  }

  /** The states of a slot, or nothing if they are zero. */
  #statesOf(slot: number): Promise<Float32Array<ArrayBuffer>[]> | undefined {
    // A slot that is marked still holds its old state.
    if (this.engine.network.streams!.isMarked(slot)) return undefined;
    const open = this.#openSince(slot).find((work) => work instanceof Saves);
    return (open ?? this.#append(new Saves(this.engine, this.#room))).add(slot);
  }

  /** The pushes at the end of the queue to which one of this stream can be added. */
  #pushesOf(slot: number): PushBatch {
    const open = this.#openSince(slot).find((work) => work instanceof PushBatch);
    return open ?? this.#append(new PushBatch(this.engine, this.#upload, this.#room));
  }

  /** The generations at the end of the queue to which one of this stream can be added, which may have none yet. */
  #generationsFor(slot: number): GenerateBatch {
    const open = this.#openSince(slot).find((work) => work instanceof GenerateBatch);
    return open && !open.has(slot) ? open : this.#append(new GenerateBatch(this.engine, this.#memory, this.#room));
  }

  /**
   * The work at the end of the queue that can be added to, from the last on that concerns this stream: the order of calls of
   * different streams makes no difference.
   */
  #openSince(slot: number): Work[] {
    const last = this.#tail.at(-1);
    if (last && !this.engine.queue.endsWith(last)) this.#tail = [];
    const from = this.#tail.findLastIndex((work) => work.has(slot));
    return this.#tail.slice(Math.max(0, from)).filter(({ isClosed }) => !isClosed);
  }

  #append<W extends Work>(work: W): W {
    const { queue } = this.engine;
    this.#tail.push(work);
    queue.pushWork(work);
    queue.flushSoon();
    return work;
  }
}
