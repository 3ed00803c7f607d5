/** The weights of an LSTM with a dense head of one output, as `getWeights` gives them: columns are gates i, f, c, o. */
export interface Weights {
  /** [I, 4 * H], of one input. */
  kernel: ArrayLike<number>;
  /** [H, 4 * H] */
  recurrentKernel: ArrayLike<number>;
  /** [4 * H] */
  bias: ArrayLike<number>;
  /** [H, 1] */
  headKernel: ArrayLike<number>;
  /** [1] */
  headBias: ArrayLike<number>;
}

/** The state that a network carries from step to step. */
export interface State {
  h: Float64Array;
  c: Float64Array;
}

/** A step of a network: its new state, its gates after their activations, and the answer of its head. */
export interface Step extends State {
  i: Float64Array;
  f: Float64Array;
  /** The candidate, g in most textbooks. */
  g: Float64Array;
  o: Float64Array;
  /** The probability of a 1. */
  p: number;
}

export function zeroState(units: number): State {
  return { h: new Float64Array(units), c: new Float64Array(units) };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Computes one step in plain arithmetic, which for ten cells takes a few microseconds: pictures need no GPU.
 *
 * @see keras/src/layers/rnn/lstm.py LSTMCell.call
 */
export function step(weights: Weights, x: number, { h, c }: State): Step {
  const units = h.length;
  const { kernel, recurrentKernel, bias, headKernel, headBias } = weights;
  const gate = (which: number, activation: (z: number) => number): Float64Array => {
    const values = new Float64Array(units);
    for (let unit = 0; unit < units; unit++) {
      const column = which * units + unit;
      let z = bias[column] + x * kernel[column];
      for (let k = 0; k < units; k++) z += h[k] * recurrentKernel[k * 4 * units + column];
      values[unit] = activation(z);
    }
    return values;
  };
  const [i, f, g, o] = [gate(0, sigmoid), gate(1, sigmoid), gate(2, Math.tanh), gate(3, sigmoid)];
  const newC = c.map((value, unit) => f[unit] * value + i[unit] * g[unit]);
  const newH = newC.map((value, unit) => o[unit] * Math.tanh(value));
  const logit = newH.reduce((sum, value, unit) => sum + value * headKernel[unit], headBias[0]);
  return { h: newH, c: newC, i, f, g, o, p: sigmoid(logit) };
}
