import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { knownOptions, optionalName, positiveInteger, trueOrFalse } from '../../../runtime/options.ts';
import { shapeText, type Shape, type SampleShape } from '../../../runtime/shape.ts';
import { embeddingGradient, embeddingSpan } from '../../../shaders/layers/embedding-gradient.ts';
import { embeddingMask } from '../../../shaders/sequences/embedding-mask.ts';
import { lookUp } from '../../../shaders/layers/embedding.ts';
import { drawn, initializerOf, type Initializer, type InitializerOption } from '../initializers.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { Layer, LayerDefinition, LayerStepFacts, NameOption, Recorded, Recording, Signal } from './layer.ts';

export interface EmbeddingOptions extends NameOption {
  /** How many different indices there are: 0 to inputDim - 1. */
  inputDim: number;
  /** How many features each index becomes. */
  outputDim: number;
  /** Index 0 is padding, which is masked for the layers after it. Default: false. */
  maskZero?: boolean;
  /** Default: uniform between -0.05 and 0.05. */
  embeddingsInitializer?: InitializerOption;
}

/** The largest inputDim: indices are stored as float32, which holds all whole numbers up to this one. */
const MAX_INDICES = 2 ** 24;

/**
 * Turns sequences of whole numbers, [timesteps], into sequences of learned vectors, [timesteps, outputDim]. It can only
 * be the first layer, of a model with e.g. inputShape: [20], or [null] for sequences of any length.
 *
 * Weights: embeddings [inputDim, outputDim].
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/layers/core/embedding.py
 */
export function embedding(options: EmbeddingOptions): LayerDefinition {
  knownOptions('embedding', options, ['inputDim', 'outputDim', 'maskZero', 'embeddingsInitializer', 'name']);
  const inputDim = positiveInteger('embedding', 'inputDim', options.inputDim);
  const outputDim = positiveInteger('embedding', 'outputDim', options.outputDim);
  if (inputDim > MAX_INDICES) {
    throw new ValueError(
      `embedding: inputDim is ${inputDim}, expected at most ${MAX_INDICES}: float32 cannot tell larger indices apart.`,
    );
  }
  const checked = {
    inputDim,
    outputDim,
    maskZero: trueOrFalse('embedding', 'maskZero', options.maskZero ?? false),
    initializer: initializerOf('embedding', 'embeddingsInitializer', options.embeddingsInitializer ?? uniform),
  };
  return {
    kind: 'embedding',
    name: optionalName('embedding', options.name),
    options,
    takesIndices: true,
    build: (name, input) => new Embedding(name, input, checked),
  };
}

interface CheckedOptions {
  inputDim: number;
  outputDim: number;
  maskZero: boolean;
  initializer: Initializer;
}

/** Keras' initializer "uniform": numbers between -0.05 and 0.05. */
const uniform: Initializer = (shape, random) => drawn(shape, () => 0.1 * random.uniform() - 0.05);

class Embedding implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states = [];

  constructor(
    readonly name: string,
    input: SampleShape,
    private readonly options: CheckedOptions,
  ) {
    if (input.length !== 1) {
      throw new ShapeError(
        `${name}: its input has shape ${shapeText(input)}, expected [timesteps], one whole number a step.`,
      );
    }
    const { inputDim, outputDim, initializer } = options;
    this.outputShape = [input[0], outputDim];
    const part = { name: `${name}/embeddings`, shape: [inputDim, outputDim], firstRow: 0, initializer };
    this.matrices = [{ rows: inputDim, columns: outputDim, parts: [part] }];
  }

  /** Index 0, if that is padding. */
  get paddingValue(): number | undefined {
    return this.options.maskZero ? 0 : undefined;
  }

  /** A mask would leave out the steps in which the class is the padding. */
  get step(): LayerStepFacts | undefined {
    return this.options.maskZero ? undefined : { kind: 'embedding' };
  }

  checkIndices(where: string, data: Float32Array, [, steps]: Shape): void {
    const wrong = data.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= this.options.inputDim);
    if (wrong < 0) return;
    const position = [Math.floor(wrong / steps), wrong % steps];
    throw new ValueError(
      `${where} holds ${data[wrong]} at ${shapeText(position)}, expected whole numbers from 0 to ` +
        `${this.options.inputDim - 1}, the indices of ${this.name}. Give the layer a larger inputDim, or other indices.`,
    );
  }

  record(recording: Recording, { values: indices, mask: given }: Signal): Recorded {
    const { plan, tensor } = recording;
    const [table] = recording.weights;
    const [gradient] = recording.gradients;
    const [steps, rows] = indices.shape;
    const constants = { POSITIONS: steps * rows, COLUMNS: this.options.outputDim };
    const output = tensor('embedding output', [steps, rows, this.options.outputDim]);
    plan.add(lookUp, { indices, table, output }, constants);

    let mask = given;
    if (this.options.maskZero) {
      mask = tensor('mask', [steps, rows]);
      plan.add(embeddingMask, { indices, mask }, { POSITIONS: steps * rows });
    }
    return {
      output: { values: output, mask },
      backward: (outputGradient) => {
        const bindings = { indices, output_gradient: outputGradient, gradient };
        const { inputDim: TABLE_ROWS, outputDim: COLUMNS } = this.options;
        const SPAN = embeddingSpan(TABLE_ROWS, COLUMNS);
        plan.add(embeddingGradient, bindings, { ...constants, TABLE_ROWS, SPAN });
        return undefined;
      },
    };
  }
}
