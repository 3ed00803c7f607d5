import { ShapeError } from '../../../runtime/errors.ts';
import { knownOptions, optionalName, positiveInteger } from '../../../runtime/options.ts';
import { shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { repeatSteps } from '../../../shaders/sequences/repeat-vector.ts';
import { sumSteps } from '../../../shaders/sequences/sum-steps.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';

/**
 * Turns a vector into a sequence of `n` equal steps: [features] to [n, features].
 *
 * @throws ValueError if n is not a positive whole number, or an option is not known
 * @see keras/src/layers/reshaping/repeat_vector.py
 */
export function repeatVector(n: number, options: NameOption = {}): LayerDefinition {
  const where = 'repeatVector';
  positiveInteger(where, 'n', n);
  knownOptions(where, options, ['name']);
  return {
    kind: where,
    name: optionalName(where, options.name),
    options: { n, ...options },
    build: (name, input) => new RepeatVector(name, input, n),
  };
}

class RepeatVector implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices = [];
  readonly states = [];
  readonly needsWholeSequences = true;

  constructor(
    readonly name: string,
    input: SampleShape,
    private readonly steps: number,
  ) {
    if (input.length !== 1) {
      throw new ShapeError(
        `${name}: its input has shape ${shapeText(input)}, expected [features]. An lstm in front of it must not have ` +
          `returnSequences: true.`,
      );
    }
    this.outputShape = [steps, input[0]];
  }

  record({ plan, tensor }: Recording, { values: input }: Signal): Recorded {
    const constants = { STEPS: this.steps, ELEMENTS: input.size };
    const output = tensor('repeated vector', [this.steps, ...input.shape]);
    plan.add(repeatSteps, { input, output }, constants);
    return {
      output: { values: output },
      backward: (outputGradient, wantsInputGradient) => {
        if (!wantsInputGradient) return undefined;
        const dx = tensor('repeated vector dx', input.shape);
        plan.add(sumSteps, { input: outputGradient, output: dx }, constants);
        return dx;
      },
    };
  }
}
