import { onTestFinished } from 'vitest';
import { sequential, sgd, type SequentialOptions } from '../../../../src/index.ts';
import type { rng } from '../../../harness/random.ts';
import { Stack } from '../../../reference/stack.ts';
import type { TwinLayer } from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { setWeights } from './make-model.ts';

/** The step that both take, on the mean squared error. */
export const LEARNING_RATE = 0.5;

/** A model that lives as long as the test and its twin in float64, with the same random weights. */
export async function makeTwins(
  random: ReturnType<typeof rng>,
  options: SequentialOptions,
  layers: readonly TwinLayer[],
) {
  const model = await sequential(gpu, options);
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: LEARNING_RATE }), loss: 'meanSquaredError' });
  const twin = new Stack(layers);
  const weights = twin.weights.map(({ length }) => random.array(length, 0.5));
  await setWeights(model, weights);
  twin.setWeights(weights);
  return { model, twin };
}

/** One step of the twin; returns the loss before it. */
export function trainTwin(twin: Stack, x: Float32Array, shape: readonly number[], y: Float32Array): number {
  const { loss, weights } = twin.gradients({ x, shape }, y);
  twin.weights.forEach((weight, n) => weight.forEach((w, k) => (weight[k] = w - LEARNING_RATE * weights[n][k])));
  return loss;
}
