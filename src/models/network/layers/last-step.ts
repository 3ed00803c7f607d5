import { ShapeError } from '../../../runtime/errors.ts';
import { knownOptions, optionalName } from '../../../runtime/options.ts';
import { shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { lastStepBackward } from '../../../shaders/sequences/last-step-backward.ts';
import { takeLastStep } from '../../../shaders/sequences/last-step.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';

/**
 * The last step of a sequence, [timesteps, features] to [features]. Behind a mask it is the last step that counts, and
 * zeros for a sequence without any.
 *
 * @throws ValueError if an option is not known
 */
export function lastStep(options: NameOption = {}): LayerDefinition {
  knownOptions('lastStep', options, ['name']);
  const name = optionalName('lastStep', options.name);
  return { kind: 'lastStep', name, options, build: (layer, input) => new LastStep(layer, input) };
}

class LastStep implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices = [];
  readonly states = [];
  readonly step = { kind: 'identity' };
  readonly needsWholeSequences = true;

  constructor(
    readonly name: string,
    input: SampleShape,
  ) {
    if (input.length !== 2) {
      throw new ShapeError(`${name}: its input has shape ${shapeText(input)}, expected [timesteps, features].`);
    }
    this.outputShape = [input[1]];
  }

  record({ plan, tensor, continuesOutput }: Recording, { values: input, mask: given }: Signal): Recorded {
    // In a stream masked steps repeat the output of the step before them, also if that was in another chunk.
    const mask = continuesOutput ? undefined : given;
    const [steps, rows, features] = input.shape;
    const constants = { STEPS: steps, ROWS: rows, FEATURES: features, MASKED: mask ? 1 : 0 };
    const output = tensor('last step', [rows, features]);
    // Every binding needs a buffer, so the input stands in for a mask that does not exist; kernels do not read it.
    plan.add(takeLastStep, { mask: mask ?? input, input, output }, constants);
    return {
      output: { values: output },
      backward: (outputGradient, wantsInputGradient) => {
        if (!wantsInputGradient) return undefined;
        const dx = tensor('last step dx', input.shape);
        const bindings = { mask: mask ?? input, output_gradient: outputGradient, input_gradient: dx };
        plan.add(lastStepBackward, bindings, constants);
        return dx;
      },
    };
  }
}
