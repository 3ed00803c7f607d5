import { activations, type ActivationName } from './activations.ts';
import { product, transpose, type Numbers } from './arrays.ts';

/** The sizes of a dense layer: the rows that it is applied to, and its features and units. */
export interface DenseShape {
  rows: number;
  features: number;
  units: number;
}

/** The weights: kernel [features, units], bias [units]. */
export interface DenseWeights {
  kernel: Numbers;
  bias: Numbers;
}

/** The forward pass: z = x · kernel + bias and y = activation(z), each [rows, units]. */
export function denseForward(shape: DenseShape, weights: DenseWeights, x: Numbers, activation: ActivationName) {
  const { rows, features, units } = shape;
  const z = product(x, weights.kernel, rows, features, units).map((sum, index) => sum + weights.bias[index % units]);
  return { z, y: z.map(activations[activation].value) };
}

/**
 * @param z the pre-activations of the forward pass
 * @param yGradient [rows, units]
 */
export function denseBackward(
  shape: DenseShape,
  weights: DenseWeights,
  x: Numbers,
  z: Float64Array,
  yGradient: Numbers,
  activation: ActivationName,
) {
  const { rows, features, units } = shape;
  const dz = z.map((value, index) => yGradient[index] * activations[activation].derivative(value));
  return {
    kernel: product(transpose(x, [rows, features]), dz, features, rows, units),
    bias: product(new Float64Array(rows).fill(1), dz, 1, rows, units),
    x: product(dz, transpose(weights.kernel, [features, units]), rows, units, features),
  };
}
