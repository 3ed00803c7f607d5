import type { ActivationName, GateName } from './activations.ts';
import type { Numbers } from './arrays.ts';
import { binaryAccuracy } from './losses.ts';
import type { Optimizer } from './optimizers.ts';
import { positionLosses, predictionOf } from './position-losses.ts';
import { Stack, type Samples } from './stack.ts';
import { dense, recurrentLayer, type TwinLayer } from './twin-layers.ts';

export interface LstmSpec {
  kind: 'lstm';
  units: number;
  returnSequences?: boolean;
  stateful?: boolean;
  recurrentActivation?: GateName;
}

export interface DenseSpec {
  kind: 'dense';
  units: number;
  activation?: ActivationName;
}

export type LayerSpec = LstmSpec | DenseSpec;

/** A loss; the clipped one is computed from the outputs of a sigmoid, as Keras 1 did. */
export type ReferenceLoss = 'binaryCrossentropy' | 'binaryCrossentropy, clipped' | 'meanSquaredError';

export interface ReferenceOptions {
  /** The shape [timesteps, features] of a sample. */
  inputShape: readonly [number, number];
  layers: readonly LayerSpec[];
  loss: ReferenceLoss;
  optimizer?: Optimizer;
  /** How many slots stateful layers have. Default: 1. */
  slots?: number;
}

export interface Figures {
  loss: number;
  accuracy: number;
  /** The fraction of predictions so near the threshold that float32 may round them to its other side. */
  undecided: number;
}

/**
 * A stack of LSTM and dense layers in float64 that trains as Keras does, state by state and step by step. Arrays are
 * batch-major. Row b of a batch continues slot b of the stateful layers.
 *
 * Binary cross-entropy behind a sigmoid is computed from the logit, as Keras on TensorFlow does, unless it is clipped.
 */
export class ReferenceModel {
  /** h and c of every LSTM, [slots, units] each; those of a stateless one stay zero. */
  readonly states: { h: Float64Array; c: Float64Array }[] = [];
  readonly #stack: Stack;
  /** Whether the loss is fused with the sigmoid of the last layer, whose outputs then are logits. */
  readonly #fused: boolean;
  readonly #slots: number;

  constructor(private readonly options: ReferenceOptions) {
    const { layers, inputShape, loss, slots = 1 } = options;
    const last = layers.at(-1);
    this.#fused = loss === 'binaryCrossentropy' && last?.kind === 'dense' && last.activation === 'sigmoid';
    this.#slots = slots;
    let features = inputShape[1];
    const twins = layers.map((spec) => {
      const twin =
        spec.kind === 'lstm'
          ? this.#lstm(spec, features)
          : dense(features, spec.units, this.#fused && spec === last ? 'linear' : spec.activation);
      features = spec.units;
      return twin;
    });
    const ofOutputs = loss === 'meanSquaredError' ? loss : 'binaryCrossentropy';
    this.#stack = new Stack(twins, positionLosses[this.#fused ? 'binaryCrossentropy from logits' : ofOutputs]);
  }

  /** All weights, layer by layer, in Keras' order; change them to change the model. */
  get weights(): Float64Array[] {
    return this.#stack.weights;
  }

  setWeights(weights: readonly Numbers[]): void {
    this.#stack.setWeights(weights);
  }

  resetStates(slots: readonly number[] = Array.from({ length: this.#slots }, (_, slot) => slot)): void {
    for (const state of this.states.flatMap(({ h, c }) => [h, c])) {
      const units = state.length / this.#slots;
      for (const slot of slots) state.fill(0, slot * units, (slot + 1) * units);
    }
  }

  /** Calls a function with all states at zero, and restores them afterwards, as `fit` does for validation. */
  aside<T>(work: () => T): T {
    const kept = this.states.map(({ h, c }) => ({ h: h.slice(), c: c.slice() }));
    this.resetStates();
    const result = work();
    this.states.forEach((state, index) => {
      state.h.set(kept[index].h);
      state.c.set(kept[index].c);
    });
    return result;
  }

  /** @param x [B, T, F] */
  predictOnBatch(x: Numbers): Float64Array {
    return this.#prediction(this.#stack.forward(this.#samples(x)).values);
  }

  testOnBatch(x: Numbers, y: Numbers): Figures {
    const { loss, values } = this.#stack.test(this.#samples(x), y);
    return this.#figures(loss, values, y);
  }

  /** Loss and metrics, and the gradient of every weight. */
  gradients(x: Numbers, y: Numbers): Figures & { gradients: Float64Array[] } {
    const { loss, values, weights } = this.#stack.gradients(this.#samples(x), y);
    return { ...this.#figures(loss, values, y), gradients: weights };
  }

  /** One step of the optimizer; loss and metrics are those before it. */
  trainOnBatch(x: Numbers, y: Numbers): Figures {
    const { gradients, ...figures } = this.gradients(x, y);
    this.options.optimizer?.step(this.weights, gradients);
    return figures;
  }

  /** One epoch over all samples in order, with a smaller last batch if need be; loss and metrics are means over samples. */
  epoch(what: 'train' | 'test', x: Numbers, y: Numbers, batchSize: number, onBatch?: (batch: number) => void): Figures {
    const [steps, features] = this.options.inputShape;
    const samples = x.length / (steps * features);
    const sum = { loss: 0, accuracy: 0, undecided: 0 };
    for (let first = 0; first < samples; first += batchSize) {
      const last = Math.min(first + batchSize, samples);
      onBatch?.(first / batchSize);
      const batch = [part(x, samples, first, last), part(y, samples, first, last)] as const;
      const figures = what === 'train' ? this.trainOnBatch(...batch) : this.testOnBatch(...batch);
      for (const name of ['loss', 'accuracy', 'undecided'] as const) {
        sum[name] += (figures[name] * (last - first)) / samples;
      }
    }
    return sum;
  }

  #lstm({ units, kind: cell, ...options }: LstmSpec, features: number): TwinLayer {
    const twin = recurrentLayer(features, units, { cell, ...options });
    const [h, c] = [new Float64Array(this.#slots * units), new Float64Array(this.#slots * units)];
    this.states.push({ h, c });
    if (options.stateful) twin.states = [h, c];
    return twin;
  }

  #samples(x: Numbers): Samples {
    const [steps, features] = this.options.inputShape;
    return { x, shape: [x.length / (steps * features), steps, features] };
  }

  #prediction(output: Float64Array): Float64Array {
    return this.#fused ? Float64Array.from(predictionOf.sigmoid([...output])) : output;
  }

  #figures(loss: number, output: Float64Array, y: Numbers): Figures {
    const prediction = this.#prediction(output);
    const undecided = prediction.filter((p) => Math.abs(p - 0.5) < 1e-5).length / prediction.length;
    return { loss, accuracy: binaryAccuracy(prediction, y), undecided };
  }
}

function part(data: Numbers, samples: number, first: number, last: number): Float64Array {
  const size = data.length / samples;
  return Float64Array.from({ length: (last - first) * size }, (_, index) => data[first * size + index]);
}
