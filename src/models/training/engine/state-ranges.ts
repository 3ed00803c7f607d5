import type { StateSlots } from '../../../runtime/state-slots.ts';

/**
 * The ranges of a network's slots, each with as many as the model has rows: for training and all that is called from outside
 * a run, for validation inside `fit`, and for an `evaluate` or `predict` that a callback calls. An `evaluate` or `predict`
 * with a larger batch size has temporary slots instead.
 */
export const STATE_RANGES = ['training', 'validation', 'nested'] as const;
export type StateRange = (typeof STATE_RANGES)[number] | StateSlots;

/** The part of a run that the engine needs: its states, whether another run is around it, and when it is to end. */
export interface RunContext {
  /** The range of slots whose states its batches continue at the moment, and its callbacks reset. */
  range: StateRange;
  /** Whether a callback of another run began it, whose programs must stay as they are. */
  readonly isNested: boolean;
  /** @throws the reason of the call's signal, if that is aborted; DisposedError, DeviceLostError */
  throwIfAborted(): void;
  /** Settles as the promise does, or is rejected with what `throwIfAborted` throws as soon as that would throw. */
  untilAborted<T>(promise: T | PromiseLike<T>): Promise<T>;
}
