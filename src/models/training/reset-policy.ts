import { ValueError } from '../../runtime/errors.ts';
import { show } from '../layers/options.ts';

/**
 * When the states of a stateful model start from zero during a run: `'never'`; at the beginning of each `'epoch'`; before
 * every n-th batch, counted from the first; or before each sample that has a 1 in a mask.
 */
export type ResetPolicy = 'never' | 'epoch' | number | Uint8Array;

/** @throws ValueError */
export function checkResetPolicy(where: string, policy: unknown, samples: number): ResetPolicy {
  if (policy === undefined || policy === 'never') return 'never';
  if (policy === 'epoch') return policy;
  if (typeof policy === 'number' && Number.isInteger(policy) && policy > 0) return policy;
  if (policy instanceof Uint8Array && policy.length === samples) return policy;
  const given = policy instanceof Uint8Array ? `a Uint8Array of length ${policy.length}` : show(policy);
  throw new ValueError(
    `${where}: resetStates is ${given}, expected 'never', 'epoch', a whole number of batches (a reset before every ` +
      `n-th), or a Uint8Array with one number for each of the ${samples} samples (1: a reset before it).`,
  );
}

/** Whether all states start from zero at this batch. */
export function resetsAt(policy: ResetPolicy, batch: number): boolean {
  return policy === 'epoch' ? batch === 0 : typeof policy === 'number' && batch % policy === 0;
}
