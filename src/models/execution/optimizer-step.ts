import { sumThreads } from '../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../runtime/plan.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { gradientClamp } from '../../shaders/optimizers/gradient-clamp.ts';
import { gradientClip } from '../../shaders/optimizers/gradient-clip.ts';
import { gradientAccumulate } from '../../shaders/optimizers/gradient-accumulate.ts';
import { gradientNorm } from '../../shaders/optimizers/gradient-norm.ts';
import { weightConstraint } from '../../shaders/optimizers/weight-constraint.ts';
import { weightDecay } from '../../shaders/optimizers/weight-decay.ts';
import { weightPenalty } from '../../shaders/losses/weight-penalty.ts';
import { CONSTRAINTS } from '../network/optimizer/constraints.ts';
import type { Parameters } from '../network/parameters.ts';
import type { Compiled } from './compiled.ts';
import type { Journal } from './journal.ts';

/** Records the penalties on weights, which are added to the gradient and to the loss that is already in the journal. */
export function recordPenalties(
  plan: Plan,
  update: FrameBinding,
  { values: parameters, gradient, parts }: Parameters,
  { tensor: journal, columns: COLUMNS }: Journal,
): void {
  for (const { regularizer, offset: FIRST, shape } of parts) {
    if (!regularizer) continue;
    const ELEMENTS = elementCount(shape);
    const THREADS = sumThreads(ELEMENTS, plan.gpu.device.limits);
    const constants = { FIRST, ELEMENTS, COLUMNS, THREADS };
    const factors = { L1: regularizer.l1, L2: regularizer.l2 };
    plan.add(weightPenalty, { update, parameters, gradient, journal }, { ...constants, ...factors });
  }
}

/** Records the projection of weights onto their constraints, which follows a step. */
function recordConstraints(plan: Plan, { values: parameters, parts }: Parameters): void {
  for (const { constraint, offset: FIRST, shape } of parts) {
    if (!constraint) continue;
    // Norms are along Keras' axis 0: of each column of a matrix, and of a whole vector.
    const [ROWS] = shape;
    const matrix = { FIRST, ROWS, COLUMNS: elementCount(shape) / ROWS };
    const { lowest, largest, rate } = constraint.kind === 'norm' ? constraint : { lowest: 0, largest: 0, rate: 0 };
    const rule = { KIND: CONSTRAINTS.indexOf(constraint.kind), LOWEST: lowest, LARGEST: largest, RATE: rate };
    plan.add(weightConstraint, { parameters }, { ...matrix, ...rule });
  }
}

/**
 * Records how a gradient becomes new weights, in Keras' order: accumulate, clip, decay, step, constrain.
 *
 * @see keras/src/optimizers/base_optimizer.py _backend_apply_gradients
 */
export function recordStep(
  plan: Plan,
  update: FrameBinding,
  parameters: Parameters,
  { optimizer, moments }: Pick<Compiled, 'optimizer' | 'moments'>,
  tensor: (label: string, shape: Shape) => Tensor,
): void {
  const { values, gradient, parts } = parameters;
  const ELEMENTS = values.size;
  const { gradientAccumulationSteps, clipvalue, clipnorm, globalClipnorm } = optimizer;
  const clip = (FIRST: number, count: number, LARGEST: number) => {
    const norm = tensor('gradient norm', [1]);
    const THREADS = sumThreads(count, plan.gpu.device.limits);
    plan.add(gradientNorm, { gradient, norm }, { FIRST, ELEMENTS: count, THREADS });
    plan.add(gradientClip, { norm, gradient }, { FIRST, ELEMENTS: count, LARGEST });
  };

  if (gradientAccumulationSteps !== undefined) {
    const accumulated = moments.view('accumulated gradient', [ELEMENTS], optimizer.moments.length * ELEMENTS);
    plan.add(gradientAccumulate, { update, accumulated, gradient }, { ELEMENTS, COUNT: gradientAccumulationSteps });
  }
  if (clipvalue !== undefined) plan.add(gradientClamp, { gradient }, { ELEMENTS, LARGEST: clipvalue });
  if (globalClipnorm !== undefined) clip(0, ELEMENTS, globalClipnorm);
  if (clipnorm !== undefined) for (const { offset, shape } of parts) clip(offset, elementCount(shape), clipnorm);
  if (optimizer.weightDecay) {
    plan.add(weightDecay, { update, parameters: values }, { ELEMENTS, WEIGHT_DECAY: optimizer.weightDecay });
  }
  optimizer.record(plan, update, values, gradient, moments.view('moments', [optimizer.moments.length, ELEMENTS], 0));
  recordConstraints(plan, parameters);
}
