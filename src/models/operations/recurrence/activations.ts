/**
 * The activations, by Keras' names; positions are the numbers of `prelude/activations.wgsl`. `hardSigmoid` is that of
 * Keras 3, clip(x / 6 + 0.5, 0, 1); `hardSigmoidLegacy` that of Keras 1 and 2 and of TensorFlow.js, clip(0.2 x + 0.5, 0, 1).
 */
export const ACTIVATIONS = [
  'tanh',
  'sigmoid',
  'hardSigmoid',
  'hardSigmoidLegacy',
  'relu',
  'linear',
  'softsign',
  'elu',
  'softplus',
] as const;

export type Activation = (typeof ACTIVATIONS)[number];

/** The number by which shaders know an activation. */
export function activationNumber(activation: Activation): number {
  return ACTIVATIONS.indexOf(activation);
}
