import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';
import type { NumberArray } from '../arrays.ts';
import type { Network } from '../network.ts';
import type { CheckedData } from './data/checked-data.ts';

/**
 * When the states of a stateful model start from zero during a run: `'never'`; at the beginning of each `'epoch'`; before
 * every n-th batch, counted from the first; or before each sample, or each step of a sample, that has a 1 in a mask.
 */
export type ResetPolicy = 'never' | 'epoch' | number | Uint8Array;

/** A policy that fits the samples. */
export interface CheckedResets {
  /** Between batches: as a rule, or by a number for each sample. */
  resets: ResetPolicy;
  /** Within samples: 0 for each step before which states start from zero, [samples, timesteps, 1]. */
  continues?: NumberArray;
}

/**
 * @param data the samples; states that they bring with them win over a reset before their first step
 * @throws ValueError
 */
export function checkResetPolicy(
  where: string,
  network: Network,
  policy: unknown,
  data: Pick<CheckedData, 'x' | 'states'>,
): CheckedResets {
  const [samples, steps] = data.x.shape;
  if (policy === undefined || policy === 'never') return { resets: 'never' };
  if (policy === 'epoch') return { resets: policy };
  if (typeof policy === 'number' && Number.isInteger(policy) && policy > 0) return { resets: policy };
  // Copied, since the caller may use the mask again before the run has come to its end.
  if (policy instanceof Uint8Array && policy.length === samples) return { resets: policy.slice() };
  if (policy instanceof Uint8Array && policy.length === samples * steps) {
    return resetsWithin(where, network, policy, data);
  }
  const given = policy instanceof Uint8Array ? `a Uint8Array of length ${policy.length}` : show(policy);
  throw new ValueError(
    `${where}: resetStates is ${given}, expected 'never', 'epoch', a whole number of batches (a reset before every ` +
      `n-th), or a Uint8Array with one number for each of the ${samples} samples, or for each of their ${steps} steps, ` +
      `${samples * steps} in all (1: a reset before it).`,
  );
}

/** Whether all states start from zero at this batch. */
export function resetsAt(policy: ResetPolicy, batch: number): boolean {
  return policy === 'epoch' ? batch === 0 : typeof policy === 'number' && batch % policy === 0;
}

function resetsWithin(
  where: string,
  network: Network,
  mask: Uint8Array,
  { x, states }: Pick<CheckedData, 'x' | 'states'>,
): CheckedResets {
  const [samples, steps] = x.shape;
  const isWithin = (index: number) => index % steps > 0;
  if (!network.slots || !mask.some((value, index) => value !== 0 && isWithin(index))) {
    return { resets: mask.filter((_, index) => !isWithin(index)) };
  }
  assertStepsReach(where, network);
  const isReset = (index: number) => mask[index] !== 0 && (isWithin(index) || states === undefined);
  const data = Float32Array.from(mask, (_, index) => (isReset(index) ? 0 : 1));
  return { resets: 'never', continues: { data, shape: [samples, steps, 1] } };
}

/** @throws ValueError unless every stateful layer goes forward through the steps of the samples */
function assertStepsReach(where: string, { layers, inputShape }: Network): void {
  let isInOrder = inputShape.length === 2 || layers[0].checkSamples !== undefined;
  for (const layer of layers) {
    if (layer.isStateful && (!isInOrder || layer.needsWholeSequences)) {
      throw new ValueError(
        `${where}: resetStates marks steps within samples, and ${layer.name} does not go through the steps of the samples ` +
          `in order. Mark samples only, one number each.`,
      );
    }
    isInOrder &&= layer.outputShape.length === 2;
  }
}
