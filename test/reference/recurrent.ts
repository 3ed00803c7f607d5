import type { Numbers } from './arrays.ts';
import { biasSize, GATES, STATES, steps, sum, type Products, type RecurrentSpec, type Step } from './cells.ts';

export interface RecurrentShape {
  batch: number;
  steps: number;
  features: number;
  units: number;
}

/** Weights in Keras' layout: columns i, f, c, o of an LSTM and z, r, h of a GRU, whose bias is [2, 3H] with resetAfter. */
export interface RecurrentWeights {
  kernel: Numbers;
  recurrentKernel: Numbers;
  bias: Numbers;
}

export interface RecurrentConditions {
  /** The mask [B, T]: 0 for a step that does not count. */
  mask?: Numbers;
  /** The initial value [B, H] of each state; zero by default. */
  initial?: readonly Numbers[];
  /** The resets [B, T]: 1 for a step before which the states are reset to zero. */
  resets?: Numbers;
  /** Dropout masks of the input and of the state for each gate, [B, I] and [B, H], the same at every step. */
  dropped?: { input?: readonly Numbers[]; state?: readonly Numbers[] };
}

export interface RecurrentTrace {
  /** The outputs [B, T, H] in order of processing. */
  output: Float64Array;
  /** The states h, and c of an LSTM, before and after every step: [B, T + 1, H] in order of processing. */
  states: Float64Array[];
  /** The gates after their activations, [B, T, gates * H] in order of processing, i, f, c, o for an LSTM. 0 at masked steps. */
  gates: Float64Array;
  /** The states after the last step, [B, H] each. */
  last: Float64Array[];
}

export interface RecurrentGradients {
  kernel: Float64Array;
  recurrentKernel: Float64Array;
  bias: Float64Array;
  x: Float64Array;
  /** The gradients of the initial states, [B, H] each. */
  initial: Float64Array[];
  /** The gradient of x · kernel + bias, [B, T, gates * H] in order of the input. */
  inputProduct: Float64Array;
}

/**
 * The forward pass of a recurrent layer, and a function for its backward pass, which takes the gradients of all outputs,
 * [B, T, H], and of the last states; gradients that are left out are zero.
 *
 * A masked step keeps the states and repeats the output before it, or is 0 if there is none or with zeroOutputForMask.
 *
 * @param x [B, T, I]
 */
export function recurrent(
  spec: RecurrentSpec,
  shape: RecurrentShape,
  weights: RecurrentWeights,
  x: Numbers,
  { mask, initial, resets, dropped }: RecurrentConditions = {},
): RecurrentTrace & { backward(output: Numbers, last?: readonly Numbers[]): RecurrentGradients } {
  const { batch, steps: count, features, units } = shape;
  const width = GATES[spec.cell] * units;
  const numbers = (size: number) => new Float64Array(size);
  const stateCount = STATES[spec.cell];
  const trace: RecurrentTrace = {
    output: numbers(batch * count * units),
    states: Array.from({ length: stateCount }, () => numbers(batch * (count + 1) * units)),
    gates: numbers(batch * count * width),
    last: Array.from({ length: stateCount }, () => numbers(batch * units)),
  };
  const recurrentGradient = numbers(units * width);
  // The row that is processed now.
  let row = 0;
  const stateFactor = (gate: number, k: number) => dropped?.state?.[gate][row * units + k] ?? 1;
  const inputFactor = (column: number, k: number) =>
    dropped?.input?.[Math.floor(column / units)][row * features + k] ?? 1;
  const kernels: Products = {
    units,
    forward: (v, gate) => {
      const seen = v.map((value, k) => value * stateFactor(gate, k));
      return numbers(units).map((_, column) =>
        seen.reduce((total, value, k) => total + value * weights.recurrentKernel[k * width + gate * units + column], 0),
      );
    },
    backward: (v, gate, gradient) =>
      v.map((value, k) => {
        const factor = stateFactor(gate, k);
        let total = 0;
        for (let column = 0; column < units; column++) {
          const at = k * width + gate * units + column;
          recurrentGradient[at] += value * factor * gradient[column];
          total += weights.recurrentKernel[at] * gradient[column];
        }
        return total * factor;
      }),
  };
  const recurrentBias = Array.from(weights.bias).slice(width);
  const timeOf = (t: number) => (spec.goBackwards ? count - 1 - t : t);
  const taken: (Step | undefined)[][] = [];

  for (row = 0; row < batch; row++) {
    let states: Float64Array[] = trace.states.map((_, n) =>
      Float64Array.from({ length: units }, (__, unit) => initial?.[n]?.[row * units + unit] ?? 0),
    );
    let output: Float64Array = numbers(units);
    const note = (t: number) =>
      states.forEach((state, n) => trace.states[n].set(state, (row * (count + 1) + t) * units));
    note(0);
    taken[row] = [];
    for (let t = 0; t < count; t++) {
      const at = row * count + timeOf(t);
      if (resets?.[at]) states = states.map(() => numbers(units));
      if (mask && mask[at] === 0) {
        if (spec.zeroOutputForMask) output = numbers(units);
      } else {
        const input = numbers(width).map((_, column) => {
          let total = weights.bias[column] ?? 0;
          for (let k = 0; k < features; k++) {
            total += x[at * features + k] * inputFactor(column, k) * weights.kernel[k * width + column];
          }
          return total;
        });
        const step = steps[spec.cell](spec, input, states, kernels, recurrentBias);
        taken[row][t] = step;
        trace.gates.set(step.gates, (row * count + t) * width);
        states = step.states;
        output = states[0];
      }
      trace.output.set(output, (row * count + t) * units);
      note(t + 1);
    }
    states.forEach((state, n) => trace.last[n].set(state, row * units));
  }

  const backward = (outputGradient: Numbers, lastGradient?: readonly Numbers[]): RecurrentGradients => {
    recurrentGradient.fill(0);
    const gradients: RecurrentGradients = {
      kernel: numbers(features * width),
      recurrentKernel: recurrentGradient,
      bias: numbers(biasSize(spec, units)),
      x: numbers(batch * count * features),
      initial: trace.states.map(() => numbers(batch * units)),
      inputProduct: numbers(batch * count * width),
    };
    for (row = 0; row < batch; row++) {
      let d: Float64Array[] = trace.states.map((_, n) =>
        Float64Array.from({ length: units }, (__, unit) => lastGradient?.[n]?.[row * units + unit] ?? 0),
      );
      // The gradient of the output that masked steps have repeated so far.
      let repeated: Float64Array = numbers(units);
      for (let t = count - 1; t >= 0; t--) {
        const own = Float64Array.from({ length: units }, (_, k) => outputGradient[(row * count + t) * units + k] ?? 0);
        const step = taken[row][t];
        const at = row * count + timeOf(t);
        const cut = () => {
          if (resets?.[at]) d = d.map(() => numbers(units));
        };
        if (!step) {
          if (!spec.zeroOutputForMask) repeated = sum(repeated, own);
          cut();
          continue;
        }
        d[0] = sum(d[0], own, repeated);
        repeated = numbers(units);
        const back = step.backward(d);
        d = back.states;
        cut();
        gradients.inputProduct.set(back.input, at * width);
        for (let column = 0; column < width; column++) {
          gradients.bias[column] += back.input[column];
          if (gradients.bias.length > width) gradients.bias[width + column] += back.recurrent[column];
          for (let k = 0; k < features; k++) {
            const gradient = back.input[column] * inputFactor(column, k);
            gradients.kernel[k * width + column] += x[at * features + k] * gradient;
            gradients.x[at * features + k] += weights.kernel[k * width + column] * gradient;
          }
        }
      }
      d.forEach((state, n) => gradients.initial[n].set(state, row * units));
    }
    return { ...gradients, recurrentKernel: recurrentGradient.slice() };
  };
  return { ...trace, backward };
}
