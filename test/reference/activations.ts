/** A function of one number and its derivative. */
export interface Activation {
  value(x: number): number;
  derivative(x: number): number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const activations = {
  linear: { value: (x) => x, derivative: () => 1 },
  sigmoid: { value: sigmoid, derivative: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  tanh: { value: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
  relu: { value: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) },
  /** The hard sigmoid of Keras 3: clip(x / 6 + 0.5, 0, 1). */
  hardSigmoid: {
    value: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
    derivative: (x) => (Math.abs(x) < 3 ? 1 / 6 : 0),
  },
  /** The hard sigmoid of Keras 1 and 2: clip(0.2 x + 0.5, 0, 1). */
  hardSigmoidLegacy: {
    value: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    derivative: (x) => (Math.abs(x) < 2.5 ? 0.2 : 0),
  },
  softsign: { value: (x) => x / (1 + Math.abs(x)), derivative: (x) => (1 + Math.abs(x)) ** -2 },
  elu: { value: (x) => (x > 0 ? x : Math.expm1(x)), derivative: (x) => (x > 0 ? 1 : Math.exp(x)) },
  softplus: { value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), derivative: sigmoid },
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
export type GateName = 'sigmoid' | 'hardSigmoidLegacy';
