import type { Numbers } from './arrays.ts';
import { conv1d } from './convolution.ts';
import type { DrawnLayer, DrawnModel, DrawnOptimizer } from './drawn-model.ts';
import { adam, rmsprop, sgd, withStepOptions, type Optimizer } from './optimizers.ts';
import { positionLosses, predictionOf, type PositionLossName } from './position-losses.ts';
import { Stack, type Samples } from './stack.ts';
import * as layers from './twin-layers.ts';

/** The results of a model that are compared with those of its twin. */
export interface Behaviour {
  prediction: Numbers;
  loss: number;
  gradients: readonly Numbers[];
  /** The weights after three steps of the optimizer on the same batch. */
  trained: readonly Numbers[];
}

/** The final activations of drawn models, which are fused with the loss. */
const HEADS: Partial<Record<DrawnModel['loss'], keyof typeof predictionOf>> = {
  binaryCrossentropy: 'sigmoid',
  categoricalCrossentropy: 'softmax',
  sparseCategoricalCrossentropy: 'softmax',
};

/** The twin of a drawn model; if the loss is fused with an activation, the twin's outputs are the values before that. */
export function stackOf(model: DrawnModel): Stack {
  const isFused = model.loss in HEADS;
  let width = model.features ?? 0;
  const list = model.layers.map((layer, index) => {
    const isLinear = isFused && index === model.layers.length - 1;
    const { twin, outputs } = twinOf(layer, width, isLinear);
    width = outputs;
    return twin;
  });
  const name: PositionLossName =
    model.loss === 'meanSquaredError' || model.loss === 'meanAbsoluteError' || model.loss === 'huber'
      ? model.loss
      : `${model.loss} from logits`;
  return new Stack(list, positionLosses[name]);
}

/** The twin of a layer, and the number of its output features. */
function twinOf(layer: DrawnLayer, width: number, isLinear: boolean): { twin: layers.TwinLayer; outputs: number } {
  switch (layer.kind) {
    case 'bidirectional': {
      const { cell, mergeMode, options } = layer;
      const outputs = (mergeMode === 'concat' ? 2 : 1) * options.units;
      return {
        twin: layers.bidirectional(width, options.units, mergeMode, { cell, ...options }),
        outputs,
      };
    }
    case 'dense': {
      const { units, activation, useBias } = layer.options;
      const name = isLinear || activation === 'softmax' ? 'linear' : activation;
      return { twin: layers.dense(width, units, name, useBias), outputs: units };
    }
    case 'conv1d': {
      const activation = isLinear ? 'linear' : layer.options.activation;
      return { twin: conv1d(width, { ...layer.options, activation }), outputs: layer.options.filters };
    }
    case 'embedding': {
      const { inputDim, outputDim, maskZero } = layer.options;
      return { twin: layers.embedding(inputDim, outputDim, maskZero), outputs: outputDim };
    }
    case 'masking':
      return { twin: layers.masking(layer.options.maskValue), outputs: width };
    case 'activation':
      return { twin: layers.activation(isLinear ? 'linear' : layer.name), outputs: width };
    case 'repeatVector':
      return { twin: layers.repeatVector(layer.n), outputs: width };
    case 'lastStep':
      return { twin: layers.lastStep(), outputs: width };
    default: {
      const { kind: cell, options } = layer;
      const twin = layers.recurrentLayer(width, options.units, { cell, ...options });
      return { twin, outputs: options.units };
    }
  }
}

/** The results of the twin for these samples, targets and weights. */
export function behaviourOf(
  model: DrawnModel,
  samples: Samples & { y: Numbers },
  weights: readonly Numbers[],
): Behaviour {
  const { y } = samples;
  const stack = stackOf(model);
  stack.setWeights(weights);
  const { values, shape } = stack.forward(samples);
  const outputs = shape.at(-1)!;
  const head = HEADS[model.loss];
  const prediction = head
    ? Array.from({ length: values.length / outputs }, (_, position) =>
        predictionOf[head]([...values.subarray(position * outputs, (position + 1) * outputs)]),
      ).flat()
    : values;
  const { weights: gradients } = stack.gradients(samples, y);
  const loss = stack.loss(samples, y);
  const optimizer = optimizerOf(model.optimizer);
  for (let step = 0; step < 3; step++) optimizer.step(stack.weights, stack.gradients(samples, y).weights);
  return { prediction, loss, gradients, trained: stack.weights };
}

function optimizerOf({ kind, options }: DrawnOptimizer): Optimizer {
  if (kind === 'sgd') return withStepOptions(sgd(options), options);
  return withStepOptions(kind === 'adam' ? adam(options) : rmsprop(options), options);
}
