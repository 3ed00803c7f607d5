import type { Plan } from '../../../runtime/plan.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { activationBackward } from '../../../shaders/layers/activation-backward.ts';
import { softmaxBackward } from '../../../shaders/layers/softmax-backward.ts';
import { activationNumber } from '../../operations/recurrence/activations.ts';
import { rowsAndFeatures, type LayerActivation } from './activation.ts';

/** Records the gradient dz of the values before an activation, from its output y and the gradient dy of that. */
export function activateBackward(plan: Plan, name: LayerActivation, bindings: Record<'y' | 'dy' | 'dz', Tensor>): void {
  const { y } = bindings;
  if (name === 'softmax') plan.add(softmaxBackward, bindings, rowsAndFeatures(y));
  else plan.add(activationBackward, bindings, { ELEMENTS: y.size, ACTIVATION: activationNumber(name) });
}
