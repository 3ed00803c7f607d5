import { activations, type ActivationName } from './activations.ts';
import type { Numbers } from './arrays.ts';

export type CellName = 'lstm' | 'gru' | 'simpleRnn';

/** A recurrent layer as Keras has it. */
export interface RecurrentSpec {
  cell: CellName;
  activation?: ActivationName;
  recurrentActivation?: ActivationName;
  /** Of a GRU. Default: true. */
  resetAfter?: boolean;
  goBackwards?: boolean;
  zeroOutputForMask?: boolean;
}

export interface RecurrentShape {
  batch: number;
  steps: number;
  features: number;
  units: number;
}

/** In Keras' layout: columns i, f, c, o of an LSTM and z, r, h of a GRU, whose bias is [2, 3H] with resetAfter. */
export interface RecurrentWeights {
  kernel: Numbers;
  recurrentKernel: Numbers;
  bias: Numbers;
}

export interface RecurrentTrace {
  /** [B, T, H], in order of processing. */
  output: Float64Array;
  /** Before and after every step, [B, T + 1, H] in order of processing: h, and of an LSTM c. */
  states: Float64Array[];
  /** [B, H] each. */
  last: Float64Array[];
}

export interface RecurrentGradients {
  kernel: Float64Array;
  recurrentKernel: Float64Array;
  bias: Float64Array;
  x: Float64Array;
  /** Of the initial states, [B, H] each. */
  initial: Float64Array[];
  /** Of x · kernel + bias, [B, T, gates * H] in order of the input. */
  inputProduct: Float64Array;
}

/** What one step gives, and how gradients of it come back: that of the input product and that of the recurrent one. */
interface Step {
  states: Float64Array[];
  backward(stateGradients: Float64Array[]): { input: Float64Array; recurrent: Float64Array; states: Float64Array[] };
}

/**
 * A step of a cell: from the input product [gates * H] and the states to the new states.
 *
 * `recurrent(v, first, count)` is v · recurrent kernel over the gates `first` to `first + count`, without a bias.
 */
type CellStep = (
  spec: RecurrentSpec,
  input: Float64Array,
  states: Float64Array[],
  kernels: Products,
  recurrentBias: Numbers,
) => Step;

/** Products with the gates of one recurrent kernel; and what the gradient of the kernel is made of. */
interface Products {
  units: number;
  forward(v: Float64Array, gate: number): Float64Array;
  /** The gradient of v, and the share of the kernel's gradient noted. */
  backward(v: Float64Array, gate: number, gradient: Float64Array): Float64Array;
}

export const GATES: Record<CellName, number> = { lstm: 4, gru: 3, simpleRnn: 1 };
const STATES: Record<CellName, number> = { lstm: 2, gru: 1, simpleRnn: 1 };

const map = (f: (...values: number[]) => number, ...lists: Float64Array[]) =>
  lists[0].map((_, index) => f(...lists.map((list) => list[index])));
const sum = (...lists: Float64Array[]) => map((...values) => values.reduce((a, b) => a + b, 0), ...lists);
const times = (...lists: Float64Array[]) => map((...values) => values.reduce((a, b) => a * b, 1), ...lists);

const joined = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));

const steps: Record<CellName, CellStep> = {
  simpleRnn: ({ activation = 'tanh' }, input, [h], kernels) => {
    const act = activations[activation];
    const z = sum(input, kernels.forward(h, 0));
    return {
      states: [z.map(act.value)],
      backward: ([dh]) => {
        const dz = times(dh, z.map(act.slope));
        return { input: dz, recurrent: dz, states: [kernels.backward(h, 0, dz)] };
      },
    };
  },

  lstm: ({ activation = 'tanh', recurrentActivation = 'sigmoid' }, input, [h, c], kernels) => {
    const { units } = kernels;
    const act = activations[activation];
    const gate = activations[recurrentActivation];
    const z = [0, 1, 2, 3].map((n) => sum(input.subarray(n * units, (n + 1) * units), kernels.forward(h, n)));
    const [i, f, o] = [z[0], z[1], z[3]].map((values) => values.map(gate.value));
    const g = z[2].map(act.value);
    const c1 = sum(times(f, c), times(i, g));
    const squashed = c1.map(act.value);
    return {
      states: [times(o, squashed), c1],
      backward: ([dh, dc]) => {
        const d = sum(dc, times(dh, o, c1.map(act.slope)));
        const dz = [
          times(d, g, z[0].map(gate.slope)),
          times(d, c, z[1].map(gate.slope)),
          times(d, i, z[2].map(act.slope)),
          times(dh, squashed, z[3].map(gate.slope)),
        ];
        const dhBefore = sum(...dz.map((values, n) => kernels.backward(h, n, values)));
        return { input: joined(dz), recurrent: joined(dz), states: [dhBefore, times(d, f)] };
      },
    };
  },

  gru: (spec, input, [h], kernels, recurrentBias) => {
    const { activation = 'tanh', recurrentActivation = 'sigmoid', resetAfter = true } = spec;
    const { units } = kernels;
    const act = activations[activation];
    const gate = activations[recurrentActivation];
    const x = [0, 1, 2].map((n) => input.subarray(n * units, (n + 1) * units));
    const b = [0, 1, 2].map((n) => Float64Array.from({ length: units }, (_, k) => recurrentBias[n * units + k] ?? 0));
    const zz = sum(x[0], kernels.forward(h, 0), b[0]);
    const zr = sum(x[1], kernels.forward(h, 1), b[1]);
    const [z, r] = [zz.map(gate.value), zr.map(gate.value)];
    const inner = resetAfter ? sum(kernels.forward(h, 2), b[2]) : times(r, h);
    const zg = sum(x[2], resetAfter ? times(r, inner) : kernels.forward(inner, 2));
    const g = zg.map(act.value);
    return {
      states: [map((a, before, candidate) => a * before + (1 - a) * candidate, z, h, g)],
      backward: ([dh]) => {
        const dzz = map(
          (d, before, candidate, slope) => d * (before - candidate) * slope,
          dh,
          h,
          g,
          zz.map(gate.slope),
        );
        const dzg = map((d, a, slope) => d * (1 - a) * slope, dh, z, zg.map(act.slope));
        const through = resetAfter ? times(dzg, r) : dzg;
        const innerGradient = kernels.backward(resetAfter ? h : inner, 2, through);
        const dr = resetAfter ? times(dzg, inner) : times(innerGradient, h);
        const dzr = times(dr, zr.map(gate.slope));
        return {
          input: joined([dzz, dzr, dzg]),
          recurrent: joined([dzz, dzr, through]),
          states: [
            sum(
              times(dh, z),
              kernels.backward(h, 0, dzz),
              kernels.backward(h, 1, dzr),
              resetAfter ? innerGradient : times(innerGradient, r),
            ),
          ],
        };
      },
    };
  },
};

/** How many numbers the bias holds. */
export function biasSize({ cell, resetAfter = true }: RecurrentSpec, units: number): number {
  return (cell === 'gru' && resetAfter ? 2 : 1) * GATES[cell] * units;
}

/**
 * A recurrent layer forward, and a function that takes gradients back through it.
 *
 * A masked step keeps the states and gives the output before it again, 0 if there is none or with zeroOutputForMask.
 *
 * @param x [B, T, I]
 * @param mask [B, T], 0 for a step that does not count
 * @param initial [B, H] for each state; zero by default
 */
export function recurrent(
  spec: RecurrentSpec,
  shape: RecurrentShape,
  weights: RecurrentWeights,
  x: Numbers,
  { mask, initial }: { mask?: Numbers; initial?: readonly Numbers[] } = {},
): RecurrentTrace & { backward(output: Numbers, last?: readonly Numbers[]): RecurrentGradients } {
  const { batch, steps: count, features, units } = shape;
  const width = GATES[spec.cell] * units;
  const numbers = (size: number) => new Float64Array(size);
  const stateCount = STATES[spec.cell];
  const trace: RecurrentTrace = {
    output: numbers(batch * count * units),
    states: Array.from({ length: stateCount }, () => numbers(batch * (count + 1) * units)),
    last: Array.from({ length: stateCount }, () => numbers(batch * units)),
  };
  const recurrentGradient = numbers(units * width);
  const kernels: Products = {
    units,
    forward: (v, gate) =>
      numbers(units).map((_, column) =>
        v.reduce((total, value, k) => total + value * weights.recurrentKernel[k * width + gate * units + column], 0),
      ),
    backward: (v, gate, gradient) =>
      v.map((value, k) => {
        let total = 0;
        for (let column = 0; column < units; column++) {
          const at = k * width + gate * units + column;
          recurrentGradient[at] += value * gradient[column];
          total += weights.recurrentKernel[at] * gradient[column];
        }
        return total;
      }),
  };
  const recurrentBias = Array.from(weights.bias).slice(width);
  const timeOf = (t: number) => (spec.goBackwards ? count - 1 - t : t);
  const taken: (Step | undefined)[][] = [];

  for (let row = 0; row < batch; row++) {
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
      if (mask && mask[at] === 0) {
        if (spec.zeroOutputForMask) output = numbers(units);
      } else {
        const input = numbers(width).map((_, column) => {
          let total = weights.bias[column] ?? 0;
          for (let k = 0; k < features; k++) total += x[at * features + k] * weights.kernel[k * width + column];
          return total;
        });
        const step = steps[spec.cell](spec, input, states, kernels, recurrentBias);
        taken[row][t] = step;
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
    for (let row = 0; row < batch; row++) {
      let d: Float64Array[] = trace.states.map((_, n) =>
        Float64Array.from({ length: units }, (__, unit) => lastGradient?.[n]?.[row * units + unit] ?? 0),
      );
      // Of the output that masked steps have repeated so far.
      let repeated: Float64Array = numbers(units);
      for (let t = count - 1; t >= 0; t--) {
        const own = Float64Array.from({ length: units }, (_, k) => outputGradient[(row * count + t) * units + k]);
        const step = taken[row][t];
        if (!step) {
          if (!spec.zeroOutputForMask) repeated = sum(repeated, own);
          continue;
        }
        d[0] = sum(d[0], own, repeated);
        repeated = numbers(units);
        const back = step.backward(d);
        d = back.states;
        const at = row * count + timeOf(t);
        gradients.inputProduct.set(back.input, at * width);
        for (let column = 0; column < width; column++) {
          gradients.bias[column] += back.input[column];
          if (gradients.bias.length > width) gradients.bias[width + column] += back.recurrent[column];
          for (let k = 0; k < features; k++) {
            gradients.kernel[k * width + column] += x[at * features + k] * back.input[column];
            gradients.x[at * features + k] += weights.kernel[k * width + column] * back.input[column];
          }
        }
      }
      d.forEach((state, n) => gradients.initial[n].set(state, row * units));
    }
    return { ...gradients, recurrentKernel: recurrentGradient.slice() };
  };
  return { ...trace, backward };
}
