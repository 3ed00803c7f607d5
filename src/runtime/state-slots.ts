import { ValueError } from './errors.ts';
import type { Gpu } from './gpu.ts';
import { isList, show } from './options.ts';
import { MovableTensor } from './movable-tensor.ts';
import { alignedElements, type Tensor } from './tensor.ts';

/**
 * State that outlives a batch: a slot for each sequence, on the GPU. A row of a batch names the slot it continues.
 *
 * A reset costs nothing: the slot is marked, and the next row that takes it starts from zero. Whatever is submitted
 * before that row still sees the old state, whatever comes after it the new.
 */
export class StateSlots {
  /** All states, one behind the other. */
  readonly place: MovableTensor;
  /** Of the first element of each state. */
  readonly offsets: readonly number[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #marked: Uint8Array;

  constructor(
    gpu: Gpu,
    readonly capacity: number,
    private readonly states: readonly { name: string; size: number }[],
  ) {
    const offsets: number[] = [];
    let end = 0;
    for (const { size } of states) {
      offsets.push(end);
      end = alignedElements(end + capacity * size);
    }
    this.offsets = offsets;
    this.place = new MovableTensor(gpu, 'state slots', [end]);
    this.#numbers = new Map(states.map(({ name }, index) => [name, index]));
    this.#marked = new Uint8Array(capacity);
  }

  /** The part of each state: [capacity, size]. */
  get tensors(): Tensor[] {
    const { capacity, place, offsets } = this;
    return this.states.map(({ name, size }, index) =>
      place.tensor.view(`slots of ${name}`, [capacity, size], offsets[index]),
    );
  }

  /** The part of the state with this name, if it is kept here. */
  get(name: string): Tensor | undefined {
    return this.tensors[this.#numbers.get(name) ?? -1];
  }

  /** Marks `count` slots from `first` on. */
  resetRange(first: number, count: number): void {
    this.#marked.fill(1, first, first + count);
  }

  /**
   * Marks the listed slots, each counted from `first`.
   *
   * @throws ValueError before any is marked, if one is not among the `count` slots from there on
   */
  reset(where: string, slots: readonly number[], first: number, count: number): void {
    this.assertSlots(where, slots, count);
    for (const slot of slots) this.#marked[first + slot] = 1;
  }

  /** @throws ValueError unless they are a list of numbers from 0 to `count` - 1 */
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

  isMarked(slot: number): boolean {
    return this.#marked[slot] === 1;
  }

  /** Makes all states of these slots zero, before whatever is submitted afterwards. */
  clear(slots: readonly number[]): void {
    for (const tensor of this.tensors) {
      const size = tensor.shape[1];
      for (const slot of slots) tensor.write(new Float32Array(size), slot * size);
    }
  }

  /** Lets these slots start from zero. */
  mark(slots: readonly number[]): void {
    for (const slot of slots) this.#marked[slot] = 1;
  }

  /** Whether the row that takes this slot next starts from zero; asking takes the mark off. */
  takeReset(slot: number): boolean {
    const marked = this.#marked[slot] === 1;
    this.#marked[slot] = 0;
    return marked;
  }

  /** Bytes on the device, once they are there. */
  get byteLength(): number {
    return 4 * this.place.size;
  }

  dispose(): void {
    this.place.dispose();
  }
}
