import { ShapeError } from '../../../runtime/errors.ts';
import { finiteNumber, knownOptions, optionalName } from '../../../runtime/options.ts';
import { shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { applyMask } from '../../../shaders/sequences/apply-mask.ts';
import { findMask } from '../../../shaders/sequences/masking.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';

export interface MaskingOptions extends NameOption {
  /** A step whose features all have this value is padding. Default: 0. */
  maskValue?: number;
}

/**
 * Finds the steps of a sequence [timesteps, features] that are padding, sets them to zero, and masks them for later layers.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/layers/core/masking.py
 */
export function masking(options: MaskingOptions = {}): LayerDefinition {
  knownOptions('masking', options, ['maskValue', 'name']);
  const maskValue = finiteNumber('masking', 'maskValue', options.maskValue ?? 0);
  return {
    kind: 'masking',
    name: optionalName('masking', options.name),
    options,
    build: (name, input) => new Masking(name, input, maskValue),
  };
}

class Masking implements Layer {
  readonly matrices = [];
  readonly states = [];

  constructor(
    readonly name: string,
    readonly outputShape: SampleShape,
    readonly paddingValue: number,
  ) {
    if (outputShape.length !== 2) {
      throw new ShapeError(`${name}: its input has shape ${shapeText(outputShape)}, expected [timesteps, features].`);
    }
  }

  record({ plan, tensor }: Recording, { values: input }: Signal): Recorded {
    const [steps, rows, features] = input.shape;
    const constants = { SAMPLES: steps * rows, FEATURES: features };
    const output = tensor('masking output', input.shape);
    const mask = tensor('mask', [steps, rows]);
    plan.add(findMask, { input, output, mask }, { ...constants, MASK_VALUE: this.paddingValue });
    return {
      output: { values: output, mask },
      backward: (outputGradient, wantsInputGradient) => {
        if (!wantsInputGradient) return undefined;
        const dx = tensor('masking dx', input.shape);
        plan.add(applyMask, { mask, input: outputGradient, output: dx }, { ...constants, ZEROED: 0 });
        return dx;
      },
    };
  }
}
