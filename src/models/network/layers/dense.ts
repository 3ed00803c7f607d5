import { ShapeError } from '../../../runtime/errors.ts';
import { knownOptions, optionalName, oneOf, positiveInteger, trueOrFalse } from '../../../runtime/options.ts';
import { elementCount, shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { activationBackward } from '../../../shaders/layers/activation-backward.ts';
import { activationForward } from '../../../shaders/layers/activation-forward.ts';
import { softmaxBackward } from '../../../shaders/layers/softmax-backward.ts';
import { softmaxForward } from '../../../shaders/layers/softmax-forward.ts';
import { initializerOf, type Initializer, type InitializerOption } from '../initializers.ts';
import type { Plan } from '../../../runtime/plan.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { WeightMatrix } from '../parameters.ts';
import { ACTIVATIONS, activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import type { Layer, LayerDefinition, Recorded, Recording, Signal } from './layer.ts';
import { WeightProducts } from '../../operations/products/weight-products.ts';
import { FEEDFORWARD_WEIGHT_RULES, weightRules, type WeightRules } from './weight-rules.ts';

export interface DenseOptions extends WeightRules {
  /** How many outputs. */
  units: number;
  /** Default: `'linear'`. */
  activation?: Activation | 'softmax';
  /** Default: true. */
  useBias?: boolean;
  /** Default: `'glorotUniform'`. */
  kernelInitializer?: InitializerOption;
  /** Default: `'zeros'`. */
  biasInitializer?: InitializerOption;
  /** Name of the layer, which begins the names of its weights. Default: `'dense'`, with a number from the second one on. */
  name?: string;
}

const OPTIONS = [
  'units',
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  ...FEEDFORWARD_WEIGHT_RULES,
  'name',
];

/** Options after checking, with the defaults filled in. */
interface CheckedOptions {
  units: number;
  activation: Activation | 'softmax';
  useBias: boolean;
  initializers: Record<'kernel' | 'bias', Initializer>;
  rules: ReturnType<typeof weightRules>;
}

/**
 * A fully connected layer: activation(x · kernel + bias). On sequences it is applied at every step.
 *
 * Weights: kernel [features, units], bias [units].
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/layers/core/dense.py
 */
export function dense(options: DenseOptions): LayerDefinition {
  const where = 'dense';
  knownOptions(where, options, OPTIONS);
  const { activation = 'linear', kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
  const checked: CheckedOptions = {
    units: positiveInteger(where, 'units', options.units),
    activation: oneOf(where, 'activation', activation, [...ACTIVATIONS, 'softmax']),
    useBias: trueOrFalse(where, 'useBias', options.useBias ?? true),
    initializers: {
      kernel: initializerOf(where, 'kernelInitializer', kernelInitializer),
      bias: initializerOf(where, 'biasInitializer', biasInitializer),
    },
    rules: weightRules(where, options),
  };
  return {
    kind: where,
    name: optionalName(where, options.name),
    build: (name, input) => new Dense(name, input, checked),
  };
}

export class Dense implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states = [];
  readonly #features: number;

  constructor(
    readonly name: string,
    input: SampleShape,
    private readonly options: CheckedOptions,
  ) {
    const { units, useBias, initializers, rules } = options;
    const features = input.at(-1);
    if (typeof features !== 'number') {
      throw new ShapeError(`${name}: its input has shape ${shapeText(input)}, expected a known number of features.`);
    }
    this.#features = features;
    this.outputShape = [...input.slice(0, -1), units];
    const bias = {
      name: `${name}/bias`,
      shape: [units],
      firstRow: features,
      initializer: initializers.bias,
      ...rules.bias,
    };
    this.matrices = [
      {
        rows: features + 1,
        columns: units,
        parts: [
          {
            name: `${name}/kernel`,
            shape: [features, units],
            firstRow: 0,
            initializer: initializers.kernel,
            ...rules.kernel,
          },
          ...(useBias ? [bias] : []),
        ],
      },
    ];
  }

  get units(): number {
    return this.options.units;
  }

  get useBias(): boolean {
    return this.options.useBias;
  }

  get finalActivation(): Activation | 'softmax' {
    return this.options.activation;
  }

  record(recording: Recording, { values: input, mask }: Signal): Recorded {
    const { plan, tensor } = recording;
    const [features, units] = [this.#features, this.units];
    const rows = elementCount(input.shape) / features;
    const shape = [...input.shape.slice(0, -1), units];
    const products = new WeightProducts(recording, { rows, features, width: units });

    const z = tensor('dense z', shape);
    products.forward(input, z);

    const isLinear = this.finalActivation === 'linear' || recording.withoutFinalActivation;
    const output = isLinear ? z : tensor('dense output', shape);
    if (!isLinear) this.#activate(plan, z, output);

    return {
      output: { values: output, mask },
      backward: (outputGradient, wantsInputGradient) => {
        const dz = isLinear ? outputGradient : tensor('dense dz', shape);
        if (!isLinear) this.#deactivate(plan, output, outputGradient, dz);
        products.weightGradient({ input, d: dz, hasBias: this.useBias });
        if (!wantsInputGradient) return undefined;
        const dx = tensor('dense dx', input.shape);
        products.inputGradient(dz, dx);
        return dx;
      },
    };
  }

  #activate(plan: Plan, z: Tensor, y: Tensor): void {
    if (this.finalActivation === 'softmax') {
      plan.add(softmaxForward, { z, y }, { ROWS: z.size / this.units, FEATURES: this.units });
    } else {
      const ACTIVATION = activationNumber(this.finalActivation);
      plan.add(activationForward, { z, y }, { ELEMENTS: z.size, ACTIVATION });
    }
  }

  #deactivate(plan: Plan, y: Tensor, dy: Tensor, dz: Tensor): void {
    if (this.finalActivation === 'softmax') {
      plan.add(softmaxBackward, { y, dy, dz }, { ROWS: y.size / this.units, FEATURES: this.units });
    } else {
      const ACTIVATION = activationNumber(this.finalActivation);
      plan.add(activationBackward, { y, dy, dz }, { ELEMENTS: y.size, ACTIVATION });
    }
  }
}
