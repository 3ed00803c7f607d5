import { activations } from './activations.ts';
import { binaryAccuracy, meanLoss, meanLossGradient, type LossName } from './losses.ts';
import type { Numbers } from './arrays.ts';
import type { Optimizer } from './optimizers.ts';
import { ReferenceDense, ReferenceLstm, type Extent, type LayerSpec, type ReferenceLayer } from './reference-layers.ts';

export interface ReferenceOptions {
  /** [timesteps, features] of a sample. */
  inputShape: readonly [number, number];
  layers: readonly LayerSpec[];
  loss: 'binaryCrossentropy' | 'meanSquaredError';
  optimizer?: Optimizer;
  /** How many slots stateful layers have. Default: 1. */
  slots?: number;
}

export interface Figures {
  loss: number;
  accuracy: number;
  /** The share of predictions so near the threshold that float32 may come down on its other side. */
  undecided: number;
}

/**
 * A stack of layers in float64 that trains as Keras does, state by state and step by step. Arrays are batch-major.
 *
 * Binary cross-entropy behind a sigmoid is computed from the logit, as Keras on TensorFlow does.
 */
export class ReferenceModel {
  readonly layers: readonly ReferenceLayer[];
  /** The loss takes the sigmoid over from the last layer: its outputs are logits. */
  readonly #fused: boolean;
  readonly #slots: number;

  constructor(private readonly options: ReferenceOptions) {
    const { layers, inputShape, loss, slots = 1 } = options;
    const last = layers.at(-1);
    this.#fused = loss === 'binaryCrossentropy' && last?.kind === 'dense' && last.activation === 'sigmoid';
    this.#slots = slots;
    let features = inputShape[1];
    this.layers = layers.map((spec) => {
      const layer =
        spec.kind === 'lstm'
          ? new ReferenceLstm(spec, features, slots)
          : new ReferenceDense(this.#fused && spec === last ? { ...spec, activation: 'linear' } : spec, features);
      features = spec.units;
      return layer;
    });
  }

  /** All weights, layer by layer, in Keras' order; change them to change the model. */
  get weights(): Float64Array[] {
    return this.layers.flatMap((layer) => [...layer.weights]);
  }

  setWeights(weights: readonly Numbers[]): void {
    this.weights.forEach((weight, index) => weight.set(Array.from(weights[index])));
  }

  /** h and c of every LSTM, [slots, units] each. */
  get states(): { h: Float64Array; c: Float64Array }[] {
    return this.layers.filter((layer) => layer instanceof ReferenceLstm).map((layer) => layer.states);
  }

  resetStates(slots: readonly number[] = Array.from({ length: this.#slots }, (_, slot) => slot)): void {
    for (const layer of this.layers) if (layer instanceof ReferenceLstm) layer.reset(slots);
  }

  /** Runs something from zero and puts the states back as they were before: how `fit` validates. */
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
    return this.#prediction(this.#forward(x));
  }

  testOnBatch(x: Numbers, y: Numbers): Figures {
    return this.#figures(this.#forward(x), y);
  }

  /** The figures, and the gradient of every weight. */
  gradients(x: Numbers, y: Numbers): Figures & { gradients: Float64Array[] } {
    const output = this.#forward(x);
    const gradients: Float64Array[] = [];
    let gradient = meanLossGradient(this.#lossName, output, y);
    for (const layer of this.layers.toReversed()) {
      const back = layer.backward(gradient);
      gradients.unshift(...back.weights);
      gradient = back.x;
    }
    return { ...this.#figures(output, y), gradients };
  }

  /** One step of the optimizer; the figures are those before it. */
  trainOnBatch(x: Numbers, y: Numbers): Figures {
    const { gradients, ...figures } = this.gradients(x, y);
    this.options.optimizer?.step(this.weights, gradients);
    return figures;
  }

  /** One pass over all samples in order, the last batch partly filled if need be; figures are means over samples. */
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

  get #lossName(): LossName {
    return this.#fused ? 'binaryCrossentropyFromLogits' : this.options.loss;
  }

  /** The last layer's output: logits if the loss is fused. */
  #forward(x: Numbers): Float64Array {
    const [steps, features] = this.options.inputShape;
    let extent: Extent = { batch: x.length / (steps * features), steps };
    let output: Float64Array = Float64Array.from(x);
    for (const layer of this.layers) {
      output = layer.forward(output, extent);
      extent = layer.after(extent);
    }
    return output;
  }

  #prediction(output: Float64Array): Float64Array {
    return this.#fused ? output.map(activations.sigmoid.value) : output;
  }

  #figures(output: Float64Array, y: Numbers): Figures {
    const prediction = this.#prediction(output);
    const undecided = prediction.filter((p) => Math.abs(p - 0.5) < 1e-5).length / prediction.length;
    return { loss: meanLoss(this.#lossName, output, y), accuracy: binaryAccuracy(prediction, y), undecided };
  }
}

function part(data: Numbers, samples: number, first: number, last: number): Float64Array {
  const size = data.length / samples;
  return Float64Array.from({ length: (last - first) * size }, (_, index) => data[first * size + index]);
}
