import { activations, type ActivationName } from './activations.ts';
import type { Numbers } from './arrays.ts';

export type CellName = 'lstm' | 'gru' | 'simpleRnn';

/** The kind and options of a recurrent layer, under Keras' names. */
export interface RecurrentSpec {
  cell: CellName;
  activation?: ActivationName;
  recurrentActivation?: ActivationName;
  /** The option of a GRU. Default: true. */
  resetAfter?: boolean;
  goBackwards?: boolean;
  zeroOutputForMask?: boolean;
}

/** The results of a step, and its backward pass: the gradients of the input product and of the recurrent product. */
export interface Step {
  states: Float64Array[];
  /** The gates after their activations, [gates * H]. */
  gates: Float64Array;
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

/** Products with the gates of a recurrent kernel, and the gradient of the kernel. */
export interface Products {
  units: number;
  forward(v: Float64Array, gate: number): Float64Array;
  /** Returns the gradient of v, and adds the product's part to the kernel's gradient. */
  backward(v: Float64Array, gate: number, gradient: Float64Array): Float64Array;
}

export const GATES: Record<CellName, number> = { lstm: 4, gru: 3, simpleRnn: 1 };
export const STATES: Record<CellName, number> = { lstm: 2, gru: 1, simpleRnn: 1 };

/** How many elements the bias has. */
export function biasSize({ cell, resetAfter = true }: RecurrentSpec, units: number): number {
  return (cell === 'gru' && resetAfter ? 2 : 1) * GATES[cell] * units;
}

const map = (f: (...values: number[]) => number, ...lists: Float64Array[]) =>
  lists[0].map((_, index) => f(...lists.map((list) => list[index])));
export const sum = (...lists: Float64Array[]) => map((...values) => values.reduce((a, b) => a + b, 0), ...lists);
const times = (...lists: Float64Array[]) => map((...values) => values.reduce((a, b) => a * b, 1), ...lists);

const joined = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));

export const steps: Record<CellName, CellStep> = {
  simpleRnn: ({ activation = 'tanh' }, input, [h], kernels) => {
    const act = activations[activation];
    const z = sum(input, kernels.forward(h, 0));
    const h1 = z.map(act.value);
    return {
      states: [h1],
      gates: h1,
      backward: ([dh]) => {
        const dz = times(dh, z.map(act.derivative));
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
      gates: joined([i, f, g, o]),
      backward: ([dh, dc]) => {
        const d = sum(dc, times(dh, o, c1.map(act.derivative)));
        const dz = [
          times(d, g, z[0].map(gate.derivative)),
          times(d, c, z[1].map(gate.derivative)),
          times(d, i, z[2].map(act.derivative)),
          times(dh, squashed, z[3].map(gate.derivative)),
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
      gates: joined([z, r, g]),
      backward: ([dh]) => {
        const dzz = map(
          (d, before, candidate, derivative) => d * (before - candidate) * derivative,
          dh,
          h,
          g,
          zz.map(gate.derivative),
        );
        const dzg = map((d, a, derivative) => d * (1 - a) * derivative, dh, z, zg.map(act.derivative));
        const through = resetAfter ? times(dzg, r) : dzg;
        const innerGradient = kernels.backward(resetAfter ? h : inner, 2, through);
        const dr = resetAfter ? times(dzg, inner) : times(innerGradient, h);
        const dzr = times(dr, zr.map(gate.derivative));
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
