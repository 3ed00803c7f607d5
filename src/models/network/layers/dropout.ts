import { hash32 } from '../../../runtime/digest.ts';
import type { SampleShape } from '../../../runtime/shape.ts';
import { knownOptions, optionalName } from '../../../runtime/options.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { dropElements } from '../../../shaders/layers/dropout.ts';
import { dropoutRate, dropoutSeed } from './dropout-options.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';

export interface DropoutOptions extends NameOption {
  /** The share of the elements that is set to zero, 0 to 1. */
  rate: number;
  /**
   * Seed of the dropout, 0 to 2^32 - 1. With the seed of the model and the number of the update it determines which elements
   * are dropped. Default: a hash of the layer's name, so that layers drop independently of each other.
   */
  seed?: number;
}

/**
 * While training, sets a random share of the elements to zero and divides the others by 1 - rate; otherwise it changes
 * nothing.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Srivastava et al. 2014; keras/src/layers/regularization/dropout.py
 */
export function dropout(options: DropoutOptions): LayerDefinition {
  knownOptions('dropout', options, ['rate', 'seed', 'name']);
  const rate = dropoutRate('dropout', 'rate', options.rate);
  const seed = dropoutSeed('dropout', options.seed);
  return {
    kind: 'dropout',
    name: optionalName('dropout', options.name),
    options,
    build: (name, input) => new Dropout(name, input, rate, seed ?? hash32(name)),
  };
}

class Dropout implements Layer {
  readonly matrices = [];
  readonly states = [];
  readonly step = { kind: 'identity' };

  constructor(
    readonly name: string,
    readonly outputShape: SampleShape,
    private readonly rate: number,
    private readonly stream: number,
  ) {}

  record(recording: Recording, signal: Signal): Recorded {
    const { rate, stream } = this;
    if (!recording.training || rate === 0) return { output: signal, backward: (outputGradient) => outputGradient };
    const drop = (input: Tensor, label: string) =>
      recordDropout(recording, input, label, { rate, stream, distinct: input.size });
    return {
      output: { ...signal, values: drop(signal.values, 'dropout output') },
      backward: (outputGradient, wantsInputGradient) =>
        wantsInputGradient ? drop(outputGradient, 'dropout dx') : undefined,
    };
  }
}

/** The random numbers that dropout draws, the elements that share a draw, and the tensor that takes the result. */
export interface Draws {
  rate: number;
  stream: number;
  /** The number of draws. Elements take them in turn, so element n is dropped together with element n + distinct. */
  distinct: number;
  /** The number of the first draw. Default: 0. */
  first?: number;
  /** The tensor that takes the result. Default: a new one. */
  into?: Tensor;
  /** Whether the result is added to the tensor instead of overwriting it. Default: false. */
  isAdded?: boolean;
}

/** Adds a dropout to a plan. */
export function recordDropout(
  { plan, tensor, update }: Recording,
  input: Tensor,
  label: string,
  { rate, stream, distinct, first = 0, into, isAdded = false }: Draws,
): Tensor {
  const output = into ?? tensor(label, input.shape);
  const SCALE = rate === 1 ? 0 : 1 / (1 - rate);
  const draws = { DISTINCT: distinct, FIRST: first, STREAM: stream, RATE: rate };
  plan.add(dropElements, { update, input, output }, { ELEMENTS: input.size, ...draws, SCALE, ADD: Number(isAdded) });
  return output;
}
