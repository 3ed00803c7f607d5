import type { Piece } from '../../runtime/readback.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { QueuedWork, Sent } from '../training/engine/update-queue.ts';
import type { Room } from './room.ts';
import { joined } from './update-numbers.ts';

type Numbers = Float32Array<ArrayBuffer>;

interface Save {
  slot: number;
  resolve: (states: Numbers[]) => void;
  reject: (error: unknown) => void;
}

/** States of slots that are to be read at the same moment, in one readback. */
export class Saves implements QueuedWork {
  /** Whether its turn has come, so that nothing more can be added. */
  isClosed = false;
  #saves: Save[] = [];
  readonly #slots = new Set<number>();

  constructor(
    private readonly engine: Engine,
    private readonly room: Room,
  ) {}

  /** Whether a slot is to be read, so that the next push into it has to wait. */
  has(slot: number): boolean {
    return this.#slots.has(slot);
  }

  /** Reads the states of a slot, [units] each. */
  add(slot: number): Promise<Numbers[]> {
    this.#slots.add(slot);
    return new Promise((resolve, reject) => {
      this.#saves.push({ slot, resolve, reject });
    });
  }

  async prepare(): Promise<void> {
    this.isClosed = true;
    this.engine.assertOpen();
    await this.room.grow(this.#saves.reduce((last, { slot }) => Math.max(last, slot), 0));
    this.#saves = this.#saves.filter(({ slot, reject }) => {
      const error = this.room.errorOf(slot, false);
      if (error !== undefined) reject(error);
      return error === undefined;
    });
  }

  send(): Sent {
    if (this.#saves.length > 0) this.#read();
    return { updates: 0, work: 0, isLast: true };
  }

  fail(error: unknown): void {
    for (const { reject } of this.#saves) reject(error);
  }

  #read(): void {
    const { gpu, network } = this.engine;
    const slots = [...new Set(this.#saves.map(({ slot }) => slot))].sort((a, b) => a - b);
    const sizes = network.streams!.tensors.map(({ shape }) => shape[1]);
    const reading = gpu.readback.prepare(piecesOf(network.streams!, slots));
    gpu.readback.send(reading);
    reading.result.then(
      (pieces) => this.#settle(slots, sizes, pieces),
      (error: unknown) => this.fail(error),
    );
  }

  /** @param pieces together the states of the slots, one state after the other */
  #settle(slots: readonly number[], sizes: readonly number[], pieces: readonly ArrayBuffer[]): void {
    const all = joined(pieces.map((piece) => new Float32Array(piece)));
    const positions = new Map(slots.map((slot, position) => [slot, position]));
    let end = 0;
    const begins = sizes.map((size) => (end += size * slots.length) - size * slots.length);
    for (const { slot, resolve } of this.#saves) {
      const position = positions.get(slot)!;
      // Each has memory of its own, since a clone of a part of an array takes all of it along.
      resolve(sizes.map((size, n) => all.slice(begins[n] + position * size, begins[n] + (position + 1) * size)));
    }
  }
}

/** The memory of all states of these slots, of which those beside each other are one piece. */
function piecesOf({ tensors }: StateSlots, slots: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { buffer, byteOffset, shape } of tensors) {
    const bytes = 4 * shape[1];
    let last: Piece | undefined;
    for (const slot of slots) {
      const begin = byteOffset + slot * bytes;
      if (last && last.byteOffset + last.bytes === begin) last.bytes += bytes;
      else pieces.push((last = { buffer, byteOffset: begin, bytes }));
    }
  }
  return pieces;
}
