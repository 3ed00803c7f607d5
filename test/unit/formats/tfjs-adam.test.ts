import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { adam } from '../../reference/optimizers.ts';

const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0.01 };

/** The weight after updates of TensorFlow.js with these gradients. */
function trainedByTfjs(gradients: readonly number[]): number {
  const { learningRate, beta1, beta2, epsilon } = options;
  const [optimizer, weight] = [
    tf.train.adam(learningRate, beta1, beta2, epsilon),
    tf.variable(tf.scalar(0), true, 'w'),
  ];
  for (const gradient of gradients) optimizer.applyGradients([{ name: 'w', tensor: tf.scalar(gradient) }]);
  const [value] = weight.dataSync();
  weight.dispose();
  return value;
}

function trainedHere(gradients: readonly number[], epsilonBeside: 'raw' | 'corrected'): number {
  const weight = [Float64Array.of(0)];
  const optimizer = adam({ ...options, epsilonBeside });
  for (const gradient of gradients) optimizer.step(weight, [Float64Array.of(gradient)]);
  return weight[0][0];
}

test('TensorFlow.js adds the epsilon of Adam to the corrected root, as the twin does if asked to, and Keras to that before', () => {
  const gradients = [0.02, -0.01, 0.03, 0.03];
  const byTfjs = trainedByTfjs(gradients);
  expect(byTfjs).toBeCloseTo(trainedHere(gradients, 'corrected'), 5);
  expect(Math.abs(byTfjs - trainedHere(gradients, 'raw'))).toBeGreaterThan(0.05);
});
