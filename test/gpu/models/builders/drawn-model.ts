import { expect, onTestFinished } from 'vitest';
import {
  activation,
  adam,
  bidirectional,
  conv1d,
  dense,
  embedding,
  gru,
  lastStep,
  lstm,
  masking,
  repeatVector,
  rmsprop,
  sequential,
  sgd,
  simpleRnn,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import type { DrawnLayer, DrawnModel, DrawnOptimizer } from '../../../reference/drawn-model.ts';
import type { DrawnNumbers } from '../../../reference/drawn-numbers.ts';
import type { Behaviour } from '../../../reference/drawn-twin.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from './make-model.ts';

const recurrent = { lstm, gru, simpleRnn };

export function layerOf(layer: DrawnLayer) {
  switch (layer.kind) {
    case 'bidirectional':
      return bidirectional(recurrent[layer.cell](layer.options), { mergeMode: layer.mergeMode });
    case 'dense':
      return dense(layer.options);
    case 'conv1d':
      return conv1d(layer.options);
    case 'embedding':
      return embedding(layer.options);
    case 'masking':
      return masking(layer.options);
    case 'activation':
      return activation(layer.name);
    case 'repeatVector':
      return repeatVector(layer.n);
    case 'lastStep':
      return lastStep();
    default:
      return recurrent[layer.kind](layer.options);
  }
}

export function optimizerOf({ kind, options }: DrawnOptimizer) {
  if (kind === 'sgd') return sgd(options);
  return kind === 'adam' ? adam(options) : rmsprop(options);
}

/** What a drawn model does as the library builds it. */
export async function libraryBehaviour(
  drawn: DrawnModel,
  numbers: DrawnNumbers,
  schedule?: SequentialOptions['schedule'],
): Promise<Behaviour> {
  const { layers, loss, lengths } = drawn;
  const { shape, outputShape, weights } = numbers;
  const model = await sequential(gpu, { inputShape: shape.slice(1), layers: layers.map(layerOf), schedule });
  onTestFinished(() => model.dispose());
  await setWeights(model, weights);
  const x = array(numbers.x, shape);
  const isClass = loss === 'sparseCategoricalCrossentropy';
  const y = array(numbers.y, isClass ? outputShape.slice(0, -1) : outputShape);
  const options = lengths && { lengths };
  const { data: prediction } = await model.predict(x, options);

  // One step of length 1 moves the weights by their gradient.
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss });
  const figures = await model.trainOnBatch(x, y, options);
  const moved = await weightsOf(model);
  const gradients = weights.map((weight, n) => Float64Array.from(weight, (value, k) => value - moved[n][k]));

  await setWeights(model, weights);
  model.compile({ optimizer: optimizerOf(drawn.optimizer), loss });
  for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y, options);
  return { prediction, loss: figures.loss, gradients, trained: await weightsOf(model) };
}

export function expectBehaviour(
  seen: Behaviour,
  expected: Behaviour,
  close: { atol: number; rtol: number; reason: string },
): void {
  expectRecorded(seen.prediction, expected.prediction, { ...close, what: 'prediction' });
  expectRecorded([seen.loss], [expected.loss], { ...close, what: 'loss' });
  expected.gradients.forEach((gradient, n) => {
    expectRecorded(seen.gradients[n], gradient, { ...close, what: 'gradient' });
    expectRecorded(seen.trained[n], expected.trained[n], { ...close, what: 'weights after three steps' });
  });
  expect(seen.gradients).toHaveLength(expected.gradients.length);
}
