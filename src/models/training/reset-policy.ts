import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import { positionOf, shapeText } from '../../runtime/shape.ts';
import { isState, namesOf } from '../execution/channels.ts';
import { toArray, type ArrayInput } from '../network/arrays.ts';
import { OTHER_NUMBERS } from '../network/float32.ts';
import type { Network } from '../network/network.ts';
import type { CheckedData } from './data/checked-data.ts';

/**
 * When the states of a stateful model start from zero during a run: `'never'`; at the beginning of each `'epoch'`; before
 * every n-th batch, counted from the first; or before each sample, or each step of a sample, that has a 1 in a mask,
 * [samples] or [samples, timesteps].
 *
 * A mark on a step of padding resets the state before the next step of that row that counts, which may belong to its next
 * sample. The outputs of padding are not affected. A model without stateful layers has no states to reset, and takes a policy
 * as Keras' models take `reset_states`: nothing changes.
 */
export type ResetPolicy = ResetRule | ArrayInput;

/** A rule for resets between batches, whatever samples they have: see `ResetPolicy`. */
export type ResetRule = 'never' | 'epoch' | number;

/** A checked policy: resets between batches, and the samples with a channel for resets within them if there are any. */
export interface CheckedResets {
  batchResets: BatchResets;
  data: CheckedData;
}

/** When states are reset between batches: by a rule for all rows, or for the rows of those samples that have a 1. */
export type BatchResets = ResetRule | Uint8Array;

/**
 * @param data the samples; states that they bring with them win over a reset before their first step
 * @throws ShapeError, ValueError
 */
export function checkResetPolicy(
  where: string,
  network: Network,
  policy: ResetPolicy | undefined,
  data: CheckedData,
): CheckedResets {
  const { count: samples, steps } = data;
  const rule = ruleOf(policy);
  if (rule !== undefined) return { batchResets: rule, data };
  const isMask = typeof policy === 'object' && policy !== null;
  const mask = isMask ? toArray(`${where}: resetStates`, policy, OTHER_NUMBERS) : undefined;
  if (mask) assertMarks(`${where}: resetStates`, mask);
  // A mask [timesteps, samples] has as many numbers, in another order.
  const isSampleMajor = mask && (mask.shape.length === 1 || mask.shape[0] === samples);
  if (isSampleMajor && mask.data.length === samples) return { batchResets: marksOf(mask.data, 1), data };
  if (isSampleMajor && mask.data.length === samples * steps) return resetsWithin(where, network, mask.data, data);
  const given = mask ? `a mask of shape ${shapeText(mask.shape)}` : show(policy);
  throw new ValueError(
    `${where}: resetStates is ${given}, expected 'never', 'epoch', a whole number of batches (a reset before every ` +
      `n-th), or a mask with one number for each of the ${samples} samples, or for each of their ${steps} steps, ` +
      `${samples * steps} in all (1: a reset before it).`,
  );
}

/** @throws ValueError */
function assertMarks(where: string, { data, shape }: NumberArray): void {
  const wrong = data.findIndex((mark) => mark !== 0 && mark !== 1);
  if (wrong < 0) return;
  throw new ValueError(
    `${where} holds ${data[wrong]} at ${shapeText(positionOf(wrong, shape))}, expected 1 for a reset and 0 for none.`,
  );
}

/** Checks a policy for batches of an iterable, which are not known yet. @throws ValueError if it is a mask, or none */
export function checkResetRule(where: string, policy: unknown): ResetRule {
  const rule = ruleOf(policy);
  if (rule !== undefined) return rule;
  throw new ValueError(
    `${where}: resetStates is ${show(policy)}, expected 'never', 'epoch', or a whole number of batches (a reset before every ` +
      `n-th).`,
  );
}

function ruleOf(policy: unknown): ResetRule | undefined {
  if (policy === undefined) return 'never';
  if (policy === 'never' || policy === 'epoch') return policy;
  return typeof policy === 'number' && Number.isInteger(policy) && policy > 0 ? policy : undefined;
}

/** Whether all states are reset before this batch. */
export function resetsAt(policy: BatchResets, batch: number): boolean {
  return policy === 'epoch' ? batch === 0 : typeof policy === 'number' && batch % policy === 0;
}

/** The mark of each sample's first step, copied, since the caller may use the mask again during the run. */
function marksOf(mask: Float32Array, steps: number): Uint8Array {
  return Uint8Array.from({ length: mask.length / steps }, (_, sample) => (mask[sample * steps] === 0 ? 0 : 1));
}

/** Resets within samples become a channel, unless the mask has marks on first steps alone. */
function resetsWithin(where: string, network: Network, mask: Float32Array, data: CheckedData): CheckedResets {
  const { count, steps, channels } = data;
  const isWithin = (index: number) => index % steps > 0;
  if (!network.slots || !mask.some((value, index) => value !== 0 && isWithin(index))) {
    return { batchResets: marksOf(mask, steps), data };
  }
  assertStepsReach(where, network);
  const bringsStates = namesOf(channels).some(isState);
  const isReset = (index: number) => mask[index] !== 0 && (isWithin(index) || !bringsStates);
  const numbers = Float32Array.from(mask, (_, index) => (isReset(index) ? 1 : 0));
  const resets = { data: numbers, shape: [count, steps, 1] };
  return { batchResets: 'never', data: { ...data, channels: { ...channels, resets } } };
}

/** @throws ValueError unless every stateful layer goes forward through the steps of the samples */
function assertStepsReach(where: string, { layers, sampleShape }: Network): void {
  let isInOrder = sampleShape.length === 2;
  for (const layer of layers) {
    if (layer.isStateful && (!isInOrder || layer.needsWholeSequences)) {
      throw new ValueError(
        `${where}: resetStates marks steps within samples, and ${layer.name} does not go through the steps of the samples ` +
          `in order. Mark samples only, one number each.`,
      );
    }
    isInOrder &&= layer.outputShape.length === 2 && !(layer.outputSteps && layer.needsWholeSequences);
  }
}
