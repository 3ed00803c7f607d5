import { onTestFinished } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { layers as make, sequential, type LayersModel, type SequentialArgs } from '@tensorflow/tfjs-layers';
import type { Numbers } from '../../../reference/arrays.ts';
import type { DrawnLayer, DrawnModel, DrawnOptimizer } from '../../../reference/drawn-model.ts';
import type { DrawnNumbers } from '../../../reference/drawn-numbers.ts';
import type { Behaviour } from '../../../reference/drawn-twin.ts';
import type { AdamOptions } from '../../../reference/optimizers.ts';

type Layer = NonNullable<SequentialArgs['layers']>[number];

const recurrent = { lstm: make.lstm, gru: make.gru, simpleRnn: make.simpleRNN };

/** `more`: the input of a first layer, and whether it is one of a stateful model. TensorFlow.js' hard sigmoid is the old one. */
function layerOf(layer: DrawnLayer, more: { batchInputShape?: number[]; stateful?: boolean }): Layer {
  const named = JSON.stringify(layer).replaceAll('hardSigmoidLegacy', 'hardSigmoid');
  const { options, name } = JSON.parse(named);
  const args = { ...options, ...more };
  switch (layer.kind) {
    case 'bidirectional':
      return make.bidirectional({ layer: recurrent[layer.cell](options), mergeMode: layer.mergeMode, ...more });
    case 'dense':
      return make.dense(args);
    case 'conv1d':
      return make.conv1d(args);
    case 'embedding':
      return make.embedding(args);
    case 'masking':
      return make.masking(args);
    case 'activation':
      return make.activation({ activation: name, ...more });
    case 'repeatVector':
      return make.repeatVector({ n: layer.n, ...more });
    case 'lastStep':
      throw new Error('TensorFlow.js has no lastStep');
    default:
      return recurrent[layer.kind](args);
  }
}

/**
 * A model of TensorFlow.js with these weights, that lives as long as the test.
 *
 * @param shape of a batch
 */
export function tfjsModel(
  layers: readonly DrawnLayer[],
  shape: readonly number[],
  weights: readonly Numbers[],
  stateful = false,
): LayersModel {
  const input = { batchInputShape: [...shape] };
  const model = sequential({
    layers: layers.map((layer, n) => layerOf(layer, { ...(n === 0 && input), ...(stateful && { stateful }) })),
  });
  onTestFinished(() => void model.dispose());
  setWeights(model, weights);
  return model;
}

function setWeights(model: LayersModel, weights: readonly Numbers[]): void {
  tf.tidy(() => {
    const tensors = model.getWeights().map(({ shape }, n) => tf.tensor(Float32Array.from(weights[n]), shape));
    model.setWeights(tensors);
  });
}

const weightsOf = (model: LayersModel) => model.getWeights().map((weight) => Float32Array.from(weight.dataSync()));

/** The output of one batch. */
export function tfjsPredict(model: LayersModel, x: Numbers, shape: readonly number[]): Float32Array {
  return tf.tidy(() => {
    const output = model.predictOnBatch(tf.tensor(Float32Array.from(x), [...shape])) as tf.Tensor;
    return Float32Array.from(output.dataSync());
  });
}

/** Keras' place for epsilon: beside the root of the moment before it is corrected, where TensorFlow.js has it after. */
class KerasAdam extends tf.AdamOptimizer {
  readonly #epsilon: number;
  #step = 0;

  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamOptions) {
    super(learningRate, beta1, beta2, epsilon);
    this.#epsilon = epsilon;
  }

  override applyGradients(gradients: Parameters<tf.AdamOptimizer['applyGradients']>[0]): void {
    this.epsilon = this.#epsilon / Math.sqrt(1 - this.beta2 ** ++this.#step);
    super.applyGradients(gradients);
  }
}

function optimizerOf({ kind, options }: DrawnOptimizer): tf.Optimizer {
  if (kind === 'adam') return new KerasAdam(options);
  const { learningRate, momentum = 0 } = options;
  if (kind === 'rmsprop') return tf.train.rmsprop(learningRate, options.rho, momentum, options.epsilon);
  return momentum === 0 ? tf.train.sgd(learningRate) : tf.train.momentum(learningRate, momentum, options.nesterov);
}

/** What a drawn model does as TensorFlow.js builds it. */
export async function tfjsBehaviour(drawn: DrawnModel, numbers: DrawnNumbers): Promise<Behaviour> {
  const { shape, outputShape, weights } = numbers;
  const { loss } = drawn;
  const model = tfjsModel(drawn.layers, shape, weights);
  const prediction = tfjsPredict(model, numbers.x, shape);

  const x = tf.tensor(numbers.x, [...shape]);
  const outputs = loss === 'sparseCategoricalCrossentropy' ? [...outputShape.slice(0, -1), 1] : [...outputShape];
  const y = tf.tensor(numbers.y, outputs);
  // One step of length 1 moves the weights by their gradient.
  model.compile({ optimizer: tf.train.sgd(1), loss });
  const figure = await model.trainOnBatch(x, y);
  const gradients = weightsOf(model).map((moved, n) => weights[n].map((value, k) => value - moved[k]));

  setWeights(model, weights);
  model.compile({ optimizer: optimizerOf(drawn.optimizer), loss });
  for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
  tf.dispose([x, y]);
  return { prediction, loss: figure as number, gradients, trained: weightsOf(model) };
}
