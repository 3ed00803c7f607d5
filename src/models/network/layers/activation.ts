import type { SampleShape } from '../../../runtime/shape.ts';
import { oneOf } from '../../../runtime/options.ts';
import { activationBackward } from '../../../shaders/layers/activation-backward.ts';
import { activationForward } from '../../../shaders/layers/activation-forward.ts';
import { ACTIVATIONS, activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import type { Layer, LayerDefinition, Recorded, Recording, Signal } from './layer.ts';

/**
 * Applies an activation to every element.
 *
 * @throws ValueError if there is no such activation
 * @see keras/src/layers/activations/activation.py
 */
export function activation(name: Activation): LayerDefinition {
  const known = oneOf('activation', 'name', name, ACTIVATIONS);
  return { kind: 'activation', build: (layer, input) => new ActivationLayer(layer, input, known) };
}

class ActivationLayer implements Layer {
  readonly matrices = [];
  readonly states = [];

  constructor(
    readonly name: string,
    readonly outputShape: SampleShape,
    readonly finalActivation: Activation,
  ) {}

  record({ plan, tensor, withoutFinalActivation }: Recording, signal: Signal): Recorded {
    if (this.finalActivation === 'linear' || withoutFinalActivation) {
      return { output: signal, backward: (outputGradient) => outputGradient };
    }
    const { values: z } = signal;
    const constants = { ELEMENTS: z.size, ACTIVATION: activationNumber(this.finalActivation) };
    const y = tensor('activation', z.shape);
    plan.add(activationForward, { z, y }, constants);
    return {
      output: { ...signal, values: y },
      backward: (dy, wantsInputGradient) => {
        if (!wantsInputGradient) return undefined;
        const dz = tensor('activation dx', z.shape);
        plan.add(activationBackward, { y, dy, dz }, constants);
        return dz;
      },
    };
  }
}
