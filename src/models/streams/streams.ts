import { SlotsFullError, ValueError } from '../../runtime/errors.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { Calls } from '../training/engine/calls.ts';
import type { Chunk } from './chunk.ts';
import { PushBatch } from './push-batch.ts';
import { Room } from './room.ts';
import { Upload } from './upload.ts';

/** The streams of a model: which slots they have, and what was pushed into them and waits. */
export class Streams {
  readonly #upload: Upload;
  readonly #room: Room;
  /** Slots of streams that were closed. */
  readonly #free: number[] = [];
  /** How many slots have been taken at least once. */
  #used = 0;
  /** The chunks that were pushed last. */
  #batch?: PushBatch;

  constructor(
    readonly engine: Engine,
    readonly calls: Calls,
  ) {
    this.#upload = new Upload(engine.gpu);
    this.#room = new Room(engine);
  }

  /** How many streams are open. */
  get count(): number {
    return this.#used - this.#free.length;
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

  /** Gives a slot back; its state is reset after what was called before. */
  giveBack(slot: number): void {
    this.reset('stream.close', slot);
    this.#free.push(slot);
  }

  /** Lets the state of a slot start from zero after what was called before. */
  reset(where: string, slot: number): void {
    void this.calls.betweenBatches(where, () => this.engine.network.streams!.mark([slot]));
  }

  /** Queues a chunk behind what was called before. @returns its outputs */
  push(where: string, slot: number, chunk: Chunk): Promise<Float32Array<ArrayBuffer>> {
    return Promise.resolve(this.calls.betweenBatches(where, () => this.#batchAtEnd().add(slot, chunk).outputs));
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

  dispose(): void {
    this.#upload.dispose();
  }

  /** The chunks at the end of the queue, to which more can be added until their turn comes. */
  #batchAtEnd(): PushBatch {
    const { queue } = this.engine;
    if (this.#batch && !this.#batch.isClosed && queue.endsWith(this.#batch)) return this.#batch;
    this.#batch = new PushBatch(this.engine, this.#upload, this.#room);
    queue.pushWork(this.#batch);
    queue.flushSoon();
    return this.#batch;
  }
}
