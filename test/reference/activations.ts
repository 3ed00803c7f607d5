/** A function of one number and its derivative. */
export interface Activation {
  value(x: number): number;
  slope(x: number): number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const activations = {
  linear: { value: (x) => x, slope: () => 1 },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  /** Keras 1 and 2: clip(0.2 x + 0.5, 0, 1). */
  hardSigmoidLegacy: {
    value: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    slope: (x) => (Math.abs(x) < 2.5 ? 0.2 : 0),
  },
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
export type GateName = 'sigmoid' | 'hardSigmoidLegacy';
