import { activityGradient } from '../../../shaders/losses/activity-gradient.ts';
import { activityPenalty } from '../../../shaders/losses/activity-penalty.ts';
import { sumThreads } from '../../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Regularizer } from '../objective/regularizers.ts';
import type { ActivityPenalty, Recording } from './layer.ts';

/** Adds a penalty on a layer's outputs to the loss in the journal, which must have been written before. */
export function recordActivityPenalty(
  plan: Plan,
  update: FrameBinding,
  { tensor: journal, columns: COLUMNS }: { tensor: Tensor; columns: number },
  { values, regularizer }: ActivityPenalty,
): void {
  const THREADS = sumThreads(values.size, plan.gpu.device.limits);
  plan.add(activityPenalty, { update, values, journal }, { ...constants(values, regularizer), COLUMNS, THREADS });
}

/** Adds the derivative of the penalty to the gradient of the outputs. */
export function recordActivityGradient(
  { plan, update }: Recording,
  regularizer: Regularizer,
  values: Tensor,
  gradient: Tensor,
): void {
  plan.add(activityGradient, { update, values, gradient }, constants(values, regularizer));
}

/** The kernels' constants for values [T, B, F] or [B, F]. */
function constants({ size, shape }: Tensor, { l1, l2 }: Regularizer) {
  return { ELEMENTS: size, ROWS: shape.at(-2)!, FEATURES: shape.at(-1)!, L1: l1, L2: l2 };
}
