import { ShapeError } from '../../../runtime/errors.ts';
import { knownOptions, optionalName, oneOf, positiveInteger, trueOrFalse } from '../../../runtime/options.ts';
import { elementCount, shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { initializerOf, type Initializer, type InitializerOption } from '../initializers.ts';
import type { WeightMatrix } from '../parameters.ts';
import { activate, LAYER_ACTIVATIONS, type LayerActivation } from './activation.ts';
import type { Layer, LayerDefinition, LayerStepFacts, Recorded, Recording, Signal } from './layer.ts';
import { WeightProducts } from '../../operations/products/weight-products.ts';
import { FEEDFORWARD_WEIGHT_RULES, weightRules, type WeightRules } from './weight-rules.ts';

/** Options of the layers that multiply their input by a kernel, under Keras' names and with its defaults. */
export interface FeedforwardOptions extends WeightRules {
  /** Default: `'linear'`. */
  activation?: LayerActivation;
  /** Default: true. */
  useBias?: boolean;
  /** Default: `'glorotUniform'`. */
  kernelInitializer?: InitializerOption;
  /** Default: `'zeros'`. */
  biasInitializer?: InitializerOption;
  /** Name of the layer, which begins the names of its weights. Default: its kind, with a number from the second one on. */
  name?: string;
}

export interface DenseOptions extends FeedforwardOptions {
  /** How many outputs. */
  units: number;
}

/** The names of the options that these layers have. */
export const FEEDFORWARD_OPTIONS: readonly string[] = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  ...FEEDFORWARD_WEIGHT_RULES,
  'name',
];

/** Options after checking, with the defaults filled in. */
interface CheckedFeedforward {
  activation: LayerActivation;
  useBias: boolean;
  initializers: Record<'kernel' | 'bias', Initializer>;
  rules: ReturnType<typeof weightRules>;
}

type CheckedOptions = CheckedFeedforward & { units: number };

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
  knownOptions(where, options, ['units', ...FEEDFORWARD_OPTIONS]);
  const checked = { ...checkFeedforward(where, options), units: positiveInteger(where, 'units', options.units) };
  return {
    kind: where,
    name: optionalName(where, options.name),
    options,
    build: (name, input) => new Dense(name, input, checked),
  };
}

/** Checks the options that these layers have. @throws ValueError */
export function checkFeedforward(where: string, options: FeedforwardOptions): CheckedFeedforward {
  const { activation = 'linear', kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
  return {
    activation: oneOf(where, 'activation', activation, LAYER_ACTIVATIONS),
    useBias: trueOrFalse(where, 'useBias', options.useBias ?? true),
    initializers: {
      kernel: initializerOf(where, 'kernelInitializer', kernelInitializer),
      bias: initializerOf(where, 'biasInitializer', biasInitializer),
    },
    rules: weightRules(where, options),
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

  get finalActivation(): LayerActivation {
    return this.options.activation;
  }

  get step(): LayerStepFacts {
    return { kind: 'dense', activation: this.finalActivation };
  }

  record(recording: Recording, { values: input, mask }: Signal): Recorded {
    const { plan, tensor } = recording;
    const [features, units] = [this.#features, this.units];
    const rows = elementCount(input.shape) / features;
    const shape = [...input.shape.slice(0, -1), units];
    const productShape = { rows, features, width: units };

    const z = tensor('dense z', shape);
    new WeightProducts(recording, productShape).forward(input, z);

    const isLinear = this.finalActivation === 'linear' || recording.withoutFinalActivation;
    const output = isLinear ? z : tensor('dense output', shape);
    if (!isLinear) activate(plan, this.finalActivation, z, output);

    return {
      output: { values: output, mask },
      backward: (outputGradient, wantsInputGradient) => {
        const dz = isLinear ? outputGradient : tensor('dense dz', shape);
        const training = recording.training!;
        if (!isLinear) training.activation(plan, this.finalActivation, { y: output, dy: outputGradient, dz });
        const products = training.products(recording, productShape);
        products.weightGradient({ input, d: dz, hasBias: this.useBias });
        if (!wantsInputGradient) return undefined;
        const dx = tensor('dense dx', input.shape);
        products.inputGradient(dz, dx);
        return dx;
      },
    };
  }
}
