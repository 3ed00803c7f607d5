import type { Plan } from '../../../runtime/plan.ts';
import type { SampleShape } from '../../../runtime/shape.ts';
import { knownOptions, oneOf, optionalName } from '../../../runtime/options.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { activationForward } from '../../../shaders/layers/activation-forward.ts';
import { softmaxForward } from '../../../shaders/layers/softmax-forward.ts';
import { ACTIVATIONS, activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';

/** An activation of single elements, or `'softmax'` of all features together. */
export type LayerActivation = Activation | 'softmax';

export const LAYER_ACTIVATIONS: readonly LayerActivation[] = [...ACTIVATIONS, 'softmax'];

/**
 * Applies an activation to every element, or a softmax over the features.
 *
 * @throws ValueError if there is no such activation, or an option is not known
 * @see keras/src/layers/activations/activation.py
 */
export function activation(activation: LayerActivation, options: NameOption = {}): LayerDefinition {
  const where = 'activation';
  const known = oneOf(where, 'activation', activation, LAYER_ACTIVATIONS);
  knownOptions(where, options, ['name']);
  return {
    kind: where,
    name: optionalName(where, options.name),
    options: { activation, ...options },
    build: (name, input) => new ActivationLayer(name, input, known),
  };
}

/** Records y = activation(z). */
export function activate(plan: Plan, name: LayerActivation, z: Tensor, y: Tensor): void {
  if (name === 'softmax') plan.add(softmaxForward, { z, y }, rowsAndFeatures(z));
  else plan.add(activationForward, { z, y }, { ELEMENTS: z.size, ACTIVATION: activationNumber(name) });
}

/** The constants of the softmax kernels. */
export function rowsAndFeatures({ size, shape }: Tensor): { ROWS: number; FEATURES: number } {
  const FEATURES = shape.at(-1)!;
  return { ROWS: size / FEATURES, FEATURES };
}

class ActivationLayer implements Layer {
  readonly matrices = [];
  readonly states = [];

  constructor(
    readonly name: string,
    readonly outputShape: SampleShape,
    readonly finalActivation: LayerActivation,
  ) {}

  record({ plan, tensor, training, withoutFinalActivation }: Recording, signal: Signal): Recorded {
    if (this.finalActivation === 'linear' || withoutFinalActivation) {
      return { output: signal, backward: (outputGradient) => outputGradient };
    }
    const { values: z } = signal;
    const y = tensor('activation', z.shape);
    activate(plan, this.finalActivation, z, y);
    return {
      output: { ...signal, values: y },
      backward: (dy, wantsInputGradient) => {
        if (!wantsInputGradient) return undefined;
        const dz = tensor('activation dx', z.shape);
        training!.activation(plan, this.finalActivation, { y, dy, dz });
        return dz;
      },
    };
  }
}
