import { ValueError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { isList, show } from './options.ts';
import { MovableTensor } from './movable-tensor.ts';
import { alignedElements, Tensor } from './tensor.ts';

/**
 * States of recurrent layers that outlive a batch, on the GPU: a slot for each sequence, which a row of a batch names to
 * continue that sequence.
 *
 * A reset writes no memory: the slot is marked, and the next row that takes it starts from zero. So batches that were
 * submitted before still read the old state, although they may not have run yet.
 */
export class StateSlots {
  /** The memory of all states, one behind the other. */
  readonly storage: MovableTensor;
  /** The offset of each state in `storage`, in elements. */
  readonly offsets: readonly number[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #marked: Uint8Array;
  #spare?: Tensor;

  constructor(
    private readonly gpu: Gpu,
    readonly capacity: number,
    private readonly states: readonly { name: string; size: number }[],
    marked?: Uint8Array,
  ) {
    const offsets: number[] = [];
    let end = 0;
    for (const { size } of states) {
      offsets.push(end);
      end = alignedElements(end + capacity * size);
    }
    this.offsets = offsets;
    this.storage = new MovableTensor(gpu, 'state slots', [end]);
    this.#numbers = new Map(states.map(({ name }, index) => [name, index]));
    this.#marked = marked ?? new Uint8Array(capacity);
  }

  /** Slots for more or fewer sequences with memory of their own, all zeros, which share the marks of these. */
  resized(capacity: number): StateSlots {
    return new StateSlots(this.gpu, capacity, this.states, this.#marked);
  }

  /** Encodes a copy of all states to the same slots of a larger memory. */
  copyTo(encoder: GPUCommandEncoder, larger: StateSlots): void {
    const into = larger.tensors;
    this.tensors.forEach(({ buffer, byteOffset, byteLength }, index) => {
      encoder.copyBufferToBuffer(buffer, byteOffset, into[index].buffer, into[index].byteOffset, byteLength);
    });
  }

  /** The slots of each state as a tensor [capacity, size]. */
  get tensors(): Tensor[] {
    const { capacity, storage, offsets } = this;
    return this.states.map(({ name, size }, index) =>
      storage.tensor.view(`slots of ${name}`, [capacity, size], offsets[index]),
    );
  }

  /** Whether there is a state with this name. */
  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  /** The slots of the state with this name, if there is one: [capacity, size]. */
  get(name: string): Tensor | undefined {
    return this.tensors[this.#numbers.get(name) ?? -1];
  }

  /** Marks `count` slots from `first` on as reset. */
  resetRange(first: number, count: number): void {
    this.#marked.fill(1, first, first + count);
  }

  /**
   * Marks the listed slots as reset, each counted from `first`.
   *
   * @throws ValueError before any is marked, if one is not below `count`
   */
  reset(where: string, slots: readonly number[], first: number, count: number): void {
    this.assertSlots(where, slots, count);
    for (const slot of slots) this.#marked[first + slot] = 1;
  }

  /** @throws ValueError unless `slots` is a list of whole numbers from 0 to `count` - 1 */
  assertSlots(where: string, slots: readonly number[], count: number): void {
    if (!isList(slots)) {
      throw new ValueError(`${where}: slots is ${show(slots)}, expected a list of slots such as [0, 1].`);
    }
    const wrong = slots.findIndex((slot) => !Number.isInteger(slot) || slot < 0 || slot >= count);
    if (wrong < 0) return;
    throw new ValueError(
      `${where}: there is no slot ${show(slots[wrong])}. This model has slots 0 to ${count - 1}, one a batch row.`,
    );
  }

  /** The marks of `count` slots from `first` on: 1 for each that is reset. They change as the slots are marked and taken. */
  marks(first: number, count: number): Uint8Array {
    return this.#marked.subarray(first, first + count);
  }

  isMarked(slot: number): boolean {
    return this.#marked[slot] === 1;
  }

  /** Writes zeros to all states of these slots; takes effect before whatever is submitted afterwards. */
  clear(slots: readonly number[]): void {
    for (const tensor of this.tensors) {
      const size = tensor.shape[1];
      for (const slot of slots) tensor.write(new Float32Array(size), slot * size);
    }
  }

  /** Encodes a copy of all states of a slot to another. */
  copy(encoder: GPUCommandEncoder, from: number, to: number): void {
    // WebGPU copies between two buffers only, so the states take a way round.
    const size = this.states.reduce((most, state) => Math.max(most, state.size), 0);
    this.#spare ??= Tensor.create(this.gpu, 'state on its way to another slot', [size]);
    const { buffer: spare } = this.#spare;
    for (const { buffer, byteOffset, shape } of this.tensors) {
      const bytes = 4 * shape[1];
      encoder.copyBufferToBuffer(buffer, byteOffset + from * bytes, spare, 0, bytes);
      encoder.copyBufferToBuffer(spare, 0, buffer, byteOffset + to * bytes, bytes);
    }
  }

  /** Marks these slots as reset. */
  mark(slots: readonly number[]): void {
    for (const slot of slots) this.#marked[slot] = 1;
  }

  /** Returns whether the slot is marked as reset, and removes the mark: the row that takes it now starts from zero. */
  takeReset(slot: number): boolean {
    const marked = this.#marked[slot] === 1;
    this.#marked[slot] = 0;
    return marked;
  }

  /** How many bytes the slots take on the device once they are allocated. */
  get byteLength(): number {
    return 4 * this.storage.size;
  }

  dispose(): void {
    this.#spare?.dispose();
    this.storage.dispose();
  }
}
