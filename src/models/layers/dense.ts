import { ShapeError } from '../../runtime/errors.ts';
import { elementCount, shapeText } from '../../runtime/shape.ts';
import { activationBackward } from '../../shaders/activation-backward.ts';
import { activationForward } from '../../shaders/activation-forward.ts';
import { matmul } from '../../shaders/matmul.ts';
import { weightGradient } from '../../shaders/weight-gradient.ts';
import { glorotUniform, zeros } from '../initializers.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { Layer, LayerDefinition, Recorded, Recording, SampleShape, Signal } from './layer.ts';
import { knownOptions, oneOf, positiveInteger } from './options.ts';

/** Positions are the shader's numbers; `linear` needs no kernel. */
const ACTIVATIONS = ['sigmoid', 'tanh', 'relu', 'linear'] as const;

export interface DenseOptions {
  /** How many outputs. */
  units: number;
  /** Default: `'linear'`. */
  activation?: (typeof ACTIVATIONS)[number];
}

/**
 * A fully connected layer: activation(x · kernel + bias). On sequences it is applied at every step.
 *
 * Weights: kernel [features, units], Glorot uniform; bias [units], zeros.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/layers/core/dense.py
 */
export function dense(options: DenseOptions): LayerDefinition {
  knownOptions('dense', options, ['units', 'activation']);
  const units = positiveInteger('dense', 'units', options.units);
  const activation = oneOf('dense', 'activation', options.activation ?? 'linear', ACTIVATIONS);
  return { kind: 'dense', build: (name, input) => new Dense(name, input, units, activation) };
}

export class Dense implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states = [];
  readonly #features: number;

  constructor(
    readonly name: string,
    input: SampleShape,
    readonly units: number,
    readonly finalActivation: (typeof ACTIVATIONS)[number],
  ) {
    const features = input.at(-1);
    if (typeof features !== 'number') {
      throw new ShapeError(`${name}: its input has shape ${shapeText(input)}, expected a known number of features.`);
    }
    this.#features = features;
    this.outputShape = [...input.slice(0, -1), units];
    this.matrices = [
      {
        rows: features + 1,
        columns: units,
        parts: [
          { name: `${name}/kernel`, shape: [features, units], firstRow: 0, initializer: glorotUniform },
          { name: `${name}/bias`, shape: [units], firstRow: features, initializer: zeros },
        ],
      },
    ];
  }

  record(recording: Recording, { values: input, mask }: Signal): Recorded {
    const { plan, tensor } = recording;
    const [weights] = recording.weights;
    const [gradient] = recording.gradients;
    const [features, units] = [this.#features, this.units];
    const rows = elementCount(input.shape) / features;
    const shape = [...input.shape.slice(0, -1), units];

    const z = tensor('dense z', shape);
    const product = { ROWS: rows, COLUMNS: units, INNER: features, TRANSPOSE_B: 0, ADD_BIAS: 1 };
    plan.add(matmul, { a: input, b: weights, out: z }, product);

    const isLinear = this.finalActivation === 'linear' || recording.withoutFinalActivation;
    const activation = { ELEMENTS: z.size, ACTIVATION: ACTIVATIONS.indexOf(this.finalActivation) };
    const output = isLinear ? z : tensor('dense output', shape);
    if (!isLinear) plan.add(activationForward, { z, y: output }, activation);

    return {
      output: { values: output, mask },
      backward: (outputGradient, wantsInputGradient) => {
        const dz = isLinear ? outputGradient : tensor('dense dz', shape);
        if (!isLinear) plan.add(activationBackward, { y: output, dy: outputGradient, dz }, activation);
        plan.add(
          weightGradient,
          { input, hidden: input, d: dz, gradient },
          { SAMPLES: rows, INPUTS: features, UNITS: 0, COLUMNS: units },
        );
        if (!wantsInputGradient) return undefined;
        const dx = tensor('dense dx', input.shape);
        const back = { ROWS: rows, COLUMNS: features, INNER: units, TRANSPOSE_B: 1, ADD_BIAS: 0 };
        plan.add(matmul, { a: dz, b: weights, out: dx }, back);
        return dx;
      },
    };
  }
}
