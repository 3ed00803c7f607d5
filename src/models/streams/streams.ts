import { SlotsFullError, ValueError } from '../../runtime/errors.ts';
import { optionalName, show } from '../../runtime/options.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { Calls } from '../training/engine/calls.ts';
import type { QueuedWork } from '../training/engine/update-queue.ts';
import type { Chunk } from './chunk.ts';
import { WeightsDigest } from './fingerprint.ts';
import { inspected, type InspectedLayer } from './inspection.ts';
import { PushBatch } from './push-batch.ts';
import { Room } from './room.ts';
import { Saves } from './saves.ts';
import { snapshotOf, type StreamFacts, type StreamSnapshot } from './snapshot.ts';
import { Upload } from './upload.ts';

/** The streams of a model: which slots and names they have, and what was pushed into them and waits. */
export class Streams<S extends { readonly name: string }> {
  readonly #upload: Upload;
  readonly #room: Room;
  /** Slots of streams that were closed. */
  readonly #free: number[] = [];
  /** How many slots have been taken at least once. */
  #used = 0;
  /** The chunks that were pushed last. */
  #batch?: PushBatch;
  /** The states that are to be read last, and the chunks that were pushed in front of them. */
  #saves?: Saves;
  #savedBatch?: PushBatch;
  /** The open streams by name, in the order in which they were opened. */
  readonly open = new Map<string, S>();
  /** How many streams were given a name. */
  #named = 0;
  /** The digest of the model's weights. */
  readonly weights: WeightsDigest;

  constructor(
    readonly engine: Engine,
    readonly calls: Calls,
  ) {
    this.#upload = new Upload(engine.gpu);
    this.#room = new Room(engine);
    this.weights = new WeightsDigest(engine);
  }

  /** Opens a stream in a free slot. @throws ValueError if an open one has this name; as `take` */
  add(where: string, name: string | undefined, make: (slot: number, name: string) => S): S {
    if (optionalName(where, name) !== undefined && this.open.has(name!)) {
      throw new ValueError(`${where}: an open stream has the name ${show(name)}. Give each a name of its own.`);
    }
    const stream = make(this.take(where), name ?? this.#freeName());
    this.open.set(stream.name, stream);
    return stream;
  }

  /** Takes a free slot. @throws ValueError if the model has none at all, SlotsFullError if all are taken */
  take(where: string): number {
    const { maxStreams } = this.engine.network;
    if (maxStreams === 0) {
      throw new ValueError(`${where}: this model has no slots for streams. Build it with e.g. slots: 64.`);
    }
    const slot = this.#free.pop() ?? (this.#used < maxStreams ? this.#used++ : undefined);
    if (slot !== undefined) return slot;
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

  /** Queues a chunk behind what was called before. @returns its outputs */
  push(where: string, slot: number, chunk: Chunk): Promise<Float32Array<ArrayBuffer>> {
    return Promise.resolve(this.calls.betweenBatches(where, () => this.#batchFor(slot).add(slot, chunk).outputs));
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
      this.engine.network.streams!.takeReset(slot);
      this.#room.write(slot, states);
    });
  }

  dispose(): void {
    this.#upload.dispose();
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
    if (!this.#isAtEnd(this.#saves)) {
      this.#savedBatch = this.#isAtEnd(this.#batch) ? this.#batch : undefined;
      this.#saves = this.#queued(new Saves(this.engine, this.#room));
    }
    return this.#saves.add(slot);
  }

  /** The chunks to which one for this slot can be added until their turn comes, at the end of the queue. */
  #batchFor(slot: number): PushBatch {
    if (this.#isAtEnd(this.#batch)) return this.#batch;
    // If only other slots are to be read behind them, it may still join them.
    const saves = this.#saves;
    if (this.#isAtEnd(saves) && !saves.has(slot) && this.#savedBatch?.isClosed === false) return this.#savedBatch;
    return (this.#batch = this.#queued(new PushBatch(this.engine, this.#upload, this.#room)));
  }

  #isAtEnd<W extends PushBatch | Saves>(work: W | undefined): work is W {
    return work !== undefined && !work.isClosed && this.engine.queue.endsWith(work);
  }

  #queued<W extends QueuedWork>(work: W): W {
    const { queue } = this.engine;
    queue.pushWork(work);
    queue.flushSoon();
    return work;
  }
}
