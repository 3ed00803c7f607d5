import type { StateSlots } from '../../../runtime/state-slots.ts';

/**
 * Whose states a batch continues: those of training (and of all that is called from outside a run), those of validation
 * inside `fit`, or those of an `evaluate` or `predict` called by a callback of `fit`. Each has as many slots as the model
 * has rows. An `evaluate` or `predict` with more rows has slots of its own.
 */
export const STATE_RANGES = ['training', 'validation', 'aside'] as const;
export type StateRange = (typeof STATE_RANGES)[number] | StateSlots;
