import type { StateSlots } from '../../../runtime/state-slots.ts';

/**
 * Whose states a batch continues: those of training (and of all that is called from outside a run), those of validation
 * inside `fit`, or those of an `evaluate` or `predict` called by a callback. Each has as many slots as the model has rows. An
 * `evaluate` or `predict` with a larger batch size than that has slots of its own.
 */
export const STATE_RANGES = ['training', 'validation', 'nested'] as const;
export type StateRange = (typeof STATE_RANGES)[number] | StateSlots;

/** The range of state slots that a run uses. */
export interface RunPlace {
  /** The range of states that its batches continue at the moment, and its callbacks reset. */
  range: StateRange;
  /** Whether a callback of another run began it. Then the programs of that run must stay as they are. */
  readonly isNested: boolean;
}
