import type { rng } from '../../../harness/random.ts';
import type { ConvolutionSpec } from '../../../reference/convolution.ts';
import { drawModel, type DrawnLayer, type DrawnModel, type DrawnOptimizer } from '../../../reference/drawn-model.ts';
import { drawCase } from '../../../reference/drawn-numbers.ts';
import { behaviourOf } from '../../../reference/drawn-twin.ts';

type Random = ReturnType<typeof rng>;

/** A random model that TensorFlow.js has too, and numbers for it. */
export function drawTfjsCase(random: Random): ReturnType<typeof drawCase> {
  for (;;) {
    const drawn = drawCase(random, drawTfjsModel);
    // It takes cross-entropy of probabilities, which it clips near 0 and 1, and which float32 tells badly apart there.
    const { prediction } = behaviourOf(drawn.model, drawn.numbers, drawn.numbers.weights);
    const isExtreme = Array.from(prediction).some((p) => p < 0.005 || p > 0.995);
    if (!(drawn.model.loss.endsWith('rossentropy') && isExtreme)) return drawn;
  }
}

/** Options that TensorFlow.js does not have are left out; where nothing can stand for a model, another is drawn. */
export function drawTfjsModel(random: Random): DrawnModel {
  for (;;) {
    const { layers, optimizer, lengths: _, ...rest } = drawModel(random);
    if (rest.loss === 'huber' || layers.some(({ kind }) => kind === 'lastStep')) continue;
    if (isUntrainable(layers, rest.steps) || missesMask(layers)) continue;
    if (layers.some((layer) => layer.kind === 'conv1d' && !isTrainable(layer.options))) continue;
    return { ...rest, layers: layers.map(withKnownOptions), optimizer: withKnownRule(optimizer) };
  }
}

/** What TensorFlow.js refuses to train: no weights, the way back through a single step, and that through `masking`. */
function isUntrainable(layers: readonly DrawnLayer[], steps: number): boolean {
  const isWeightless = layers.every((layer) => layer.kind === 'masking' || !('options' in layer));
  const hasOneStep = steps === 1 || layers.some((layer) => layer.kind === 'repeatVector' && layer.n === 1);
  return isWeightless || hasOneStep || layers.slice(1).some(({ kind }) => kind === 'masking');
}

/** It has no causal convolutions, no gradient of those with dilation, and others may leave a recurrent layer a single step. */
const isTrainable = ({ dilationRate, strides, padding }: ConvolutionSpec) =>
  dilationRate === 1 && strides === 1 && padding === 'same';

/** Whether a mask comes to what TensorFlow.js does not mask: a loss, and the sequences of both directions. */
function missesMask(layers: readonly DrawnLayer[]): boolean {
  let isMasked = false;
  for (const layer of layers) {
    if (layer.kind === 'masking' || (layer.kind === 'embedding' && layer.options.maskZero)) isMasked = true;
    if (layer.kind === 'bidirectional' && isMasked) return true;
    if ('options' in layer && 'returnSequences' in layer.options && !layer.options.returnSequences) isMasked = false;
  }
  return isMasked;
}

function withKnownOptions(layer: DrawnLayer): DrawnLayer {
  const known: DrawnLayer = JSON.parse(JSON.stringify(layer).replaceAll('"hardSigmoid"', '"hardSigmoidLegacy"'));
  if ('options' in known && 'zeroOutputForMask' in known.options) {
    known.options.zeroOutputForMask = false;
    if (known.options.resetAfter) known.options.resetAfter = false;
  }
  return known;
}

/** The rule alone. It is not centered: there TensorFlow.js subtracts epsilon, which gives roots of negative numbers. */
function withKnownRule({ kind, options }: DrawnOptimizer): DrawnOptimizer {
  const { learningRate } = options;
  switch (kind) {
    case 'sgd':
      return { kind, options: { learningRate, momentum: options.momentum, nesterov: options.nesterov } };
    case 'rmsprop': {
      const { rho, momentum, epsilon } = options;
      return { kind, options: { learningRate, rho, momentum, epsilon } };
    }
    case 'adam': {
      const { beta1, beta2, epsilon } = options;
      return { kind, options: { learningRate, beta1, beta2, epsilon } };
    }
  }
}
