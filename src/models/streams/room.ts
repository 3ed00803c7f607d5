import type { StateSlots } from '../../runtime/state-slots.ts';
import type { Engine } from '../training/engine/engine.ts';

/**
 * The memory for the states of streams, which is made and grows on demand and keeps every state. It grows in front of the
 * pushes that need it; if the device has no more, only these fail.
 */
export class Room {
  /** Why the memory did not grow the last time. */
  #error: unknown;
  /** The memory that the device has not accepted yet. */
  #larger?: StateSlots;
  /** Slots whose states could not be written or copied for lack of memory, with the error that tells so. */
  readonly #missing = new Map<number, unknown>();

  /** Slots in which the first push since a reset was refused, so that there is no output to go on from. */
  readonly #empty = new Set<number>();

  constructor(private readonly engine: Engine) {}

  /** Whether there is memory for a slot. */
  has(slot: number): boolean {
    const { capacity, storage } = this.engine.network.streams!;
    return slot < capacity && storage.made !== undefined;
  }

  /** Runs an action in order with the pushes, once there is memory for a slot. @param act gets the error if there is none */
  inOrder(slot: number, act: (error?: unknown) => void): void {
    const { queue } = this.engine;
    if (this.has(slot)) return queue.inOrder(act);
    const send = () => {
      act(this.errorOf(slot, true));
      return { updates: 0, work: 0, isLast: true };
    };
    queue.pushWork({ prepare: () => this.grow(slot), send, fail: act });
    queue.flushSoon();
  }

  /** Makes memory for a slot, at a turn in the queue: twice as much as there was until it suffices. Does not fail. */
  async grow(slot: number): Promise<void> {
    if (this.has(slot)) return;
    const { engine } = this;
    const { network, gpu } = engine;
    const former = network.streams!;
    let { capacity } = former;
    while (capacity <= slot) capacity *= 2;
    const larger = former.resized(Math.min(capacity, network.maxStreams));
    this.#larger = larger;
    try {
      await gpu.watch(`slots for ${larger.capacity} streams`, () => larger.storage.tensor).accepted;
      engine.assertOpen();
      if (former.storage.made) gpu.submitCommands('more slots', (encoder) => former.copyTo(encoder, larger));
      network.streams = larger;
      former.dispose();
    } catch (error) {
      larger.dispose();
      this.#error = error;
    } finally {
      this.#larger = undefined;
    }
  }

  /**
   * Why a slot cannot be used, at a turn in the queue, or nothing if it can.
   *
   * @param isReset whether it starts from zero, so that its former states do not matter
   */
  errorOf(slot: number, isReset: boolean): unknown {
    if (!this.has(slot)) return this.#error;
    if (isReset) this.#missing.delete(slot);
    return this.#missing.get(slot);
  }

  /** Whether nothing was pushed into a slot since it was cleared, at a turn in the queue. */
  isEmpty(slot: number): boolean {
    return this.#empty.has(slot);
  }

  /** Notes that something was pushed into a slot. */
  fill(slot: number): void {
    this.#empty.delete(slot);
  }

  /** Writes the states of a slot in order with the pushes. */
  write(slot: number, states: readonly Float32Array<ArrayBuffer>[]): void {
    this.inOrder(slot, (noMemory) => {
      if (noMemory !== undefined) return void this.#missing.set(slot, noMemory);
      this.#missing.delete(slot);
      this.fill(slot);
      const { tensors } = this.engine.network.streams!;
      tensors.forEach((tensor, index) => tensor.write(states[index], slot * states[index].length));
    });
  }

  /** Copies a state to another slot in order with the pushes. */
  copy(from: number, to: number): void {
    const { gpu, network } = this.engine;
    this.inOrder(to, (noMemory) => {
      const error = noMemory ?? this.errorOf(from, false);
      if (error !== undefined) return void this.#missing.set(to, error);
      this.#missing.delete(to);
      if (this.isEmpty(from)) this.#empty.add(to);
      else this.fill(to);
      gpu.submitCommands('fork', (encoder) => network.streams!.copy(encoder, from, to));
    });
  }

  /** Writes zeros to the state of a slot, at a turn in the queue: then it has no output. */
  clear(slot: number): void {
    const { gpu, network } = this.engine;
    this.#empty.add(slot);
    // After the end of the model there is nothing left to clear, and the device says so.
    if (this.has(slot)) gpu.watch('stream.reset', () => network.streams!.clear([slot]));
  }

  /** Frees what the model does not own yet. */
  dispose(): void {
    this.#larger?.dispose();
  }
}
