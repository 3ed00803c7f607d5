import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { isState, namesOf, type Channels } from '../channels.ts';
import type { SlotRun } from '../program.ts';
import type { BatchOutput } from './transfers.ts';

/** A state of a batch, and the slots that it continues or goes to, [capacity, H]. */
interface CarriedState extends BatchOutput {
  slots: Tensor;
}

/**
 * Copies of states between a batch and its slots. They do what `recordGather` and `recordScatter` do in dispatches, but leave
 * rows without a sample as they were.
 */
export class StateCopies {
  readonly #initial: readonly CarriedState[];
  readonly #last: readonly CarriedState[];

  /** @param batch a tensor for each channel, whose initial states are its first rows */
  constructor(batch: Channels<Tensor>, last: readonly BatchOutput[], slots: StateSlots | undefined) {
    const initial = namesOf(batch)
      .filter(isState)
      .map((name) => ({ name, tensor: batch[name]!, firstRow: 0 }));
    const inSlots = (states: readonly BatchOutput[]) =>
      states.flatMap((state) => {
        const ofState = slots?.get(state.name);
        return ofState ? [{ ...state, slots: ofState }] : [];
      });
    this.#initial = inSlots(initial);
    this.#last = inSlots(last);
  }

  /** Encodes how initial states are loaded; those that are reset are zeros. */
  load(encoder: GPUCommandEncoder, runs: readonly SlotRun[]): void {
    for (const state of this.#initial) {
      for (const run of runs) {
        const { inBatch, inSlots, bytes } = places(state, run);
        if (run.isReset) encoder.clearBuffer(...inBatch, bytes);
        else encoder.copyBufferToBuffer(...inSlots, ...inBatch, bytes);
      }
    }
  }

  /** Encodes how the states after the last step are stored. */
  store(encoder: GPUCommandEncoder, runs: readonly SlotRun[]): void {
    for (const state of this.#last) {
      for (const run of runs) {
        const { inBatch, inSlots, bytes } = places(state, run);
        encoder.copyBufferToBuffer(...inBatch, ...inSlots, bytes);
      }
    }
  }
}

function places({ tensor, firstRow, slots }: CarriedState, { row, slot, count }: SlotRun) {
  const rowBytes = 4 * slots.shape[1];
  return {
    inBatch: [tensor.buffer, tensor.byteOffset + rowBytes * (firstRow + row)] as const,
    inSlots: [slots.buffer, slots.byteOffset + rowBytes * slot] as const,
    bytes: rowBytes * count,
  };
}
