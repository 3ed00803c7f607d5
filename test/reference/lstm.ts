import { activations, type GateName } from './activations.ts';
import type { Numbers } from './arrays.ts';

export interface LstmShape {
  batch: number;
  steps: number;
  features: number;
  units: number;
}

/** kernel [I, 4H], recurrentKernel [H, 4H], bias [4H]; columns are the gates i, f, c, o, as in Keras. */
export interface LstmWeights {
  kernel: Numbers;
  recurrentKernel: Numbers;
  bias: Numbers;
}

/** h and c, each [B, H]. */
export interface LstmState {
  h: Numbers;
  c: Numbers;
}

/** All that a forward pass came by, batch-major. */
export interface LstmTrace {
  /** Before and after the gate functions, [B, T, 4H]. */
  z: Float64Array;
  gates: Float64Array;
  /** [B, T + 1, H]; step 0 is the initial state. */
  h: Float64Array;
  c: Float64Array;
  /** h without the initial state, [B, T, H]. */
  output: Float64Array;
  last: { h: Float64Array; c: Float64Array };
}

export interface LstmGradients {
  kernel: Float64Array;
  recurrentKernel: Float64Array;
  bias: Float64Array;
  x: Float64Array;
  h0: Float64Array;
  c0: Float64Array;
  /** Of z, [B, T, 4H]. */
  z: Float64Array;
}

/**
 * z = x · kernel + h · recurrentKernel + bias;  c' = f c + i g;  h' = o tanh(c'), with i, f, o = gate(z), g = tanh(z).
 *
 * @param x [B, T, I]
 * @param initial zero by default
 */
export function lstmForward(
  shape: LstmShape,
  weights: LstmWeights,
  x: Numbers,
  initial?: LstmState,
  gate: GateName = 'sigmoid',
): LstmTrace {
  const { batch, steps, features, units } = shape;
  const width = 4 * units;
  const z = new Float64Array(batch * steps * width);
  const gates = new Float64Array(z.length);
  const h = new Float64Array(batch * (steps + 1) * units);
  const c = new Float64Array(h.length);

  for (let row = 0; row < batch; row++) {
    for (let unit = 0; unit < units; unit++) {
      h[row * (steps + 1) * units + unit] = initial?.h[row * units + unit] ?? 0;
      c[row * (steps + 1) * units + unit] = initial?.c[row * units + unit] ?? 0;
    }
    for (let t = 0; t < steps; t++) {
      const input = (row * steps + t) * features;
      const before = (row * (steps + 1) + t) * units;
      const after = before + units;
      const at = (row * steps + t) * width;
      for (let column = 0; column < width; column++) {
        let sum = weights.bias[column];
        for (let k = 0; k < features; k++) sum += x[input + k] * weights.kernel[k * width + column];
        for (let k = 0; k < units; k++) sum += h[before + k] * weights.recurrentKernel[k * width + column];
        z[at + column] = sum;
        gates[at + column] = gateOf(column, units, gate).value(sum);
      }
      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((index) => gates[at + index * units + unit]);
        c[after + unit] = f * c[before + unit] + i * g;
        h[after + unit] = o * Math.tanh(c[after + unit]);
      }
    }
  }

  const sequence = (all: Float64Array, row: number) =>
    all.subarray(row * (steps + 1) * units, (row + 1) * (steps + 1) * units);
  const rows = Array.from({ length: batch }, (_, row) => row);
  return {
    z,
    gates,
    h,
    c,
    output: Float64Array.from(rows.flatMap((row) => [...sequence(h, row).subarray(units)])),
    last: {
      h: Float64Array.from(rows.flatMap((row) => [...sequence(h, row).subarray(steps * units)])),
      c: Float64Array.from(rows.flatMap((row) => [...sequence(c, row).subarray(steps * units)])),
    },
  };
}

/**
 * Back-propagation through time.
 *
 * @param outputGradient of every step's h, [B, T, H]
 * @param lastGradient of the last h and c, each [B, H]; zero by default
 */
export function lstmBackward(
  shape: LstmShape,
  weights: LstmWeights,
  x: Numbers,
  trace: LstmTrace,
  outputGradient: Numbers,
  lastGradient?: LstmState,
  gate: GateName = 'sigmoid',
): LstmGradients {
  const { batch, steps, features, units } = shape;
  const width = 4 * units;
  const gradients: LstmGradients = {
    kernel: new Float64Array(features * width),
    recurrentKernel: new Float64Array(units * width),
    bias: new Float64Array(width),
    x: new Float64Array(batch * steps * features),
    h0: new Float64Array(batch * units),
    c0: new Float64Array(batch * units),
    z: new Float64Array(batch * steps * width),
  };

  for (let row = 0; row < batch; row++) {
    const dh = Float64Array.from({ length: units }, (_, unit) => lastGradient?.h[row * units + unit] ?? 0);
    const dc = Float64Array.from({ length: units }, (_, unit) => lastGradient?.c[row * units + unit] ?? 0);
    for (let t = steps - 1; t >= 0; t--) {
      const input = (row * steps + t) * features;
      const before = (row * (steps + 1) + t) * units;
      const at = (row * steps + t) * width;
      const dz = gradients.z.subarray(at, at + width);

      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((index) => trace.gates[at + index * units + unit]);
        const squashed = Math.tanh(trace.c[before + units + unit]);
        dh[unit] += outputGradient[(row * steps + t) * units + unit];
        dc[unit] += dh[unit] * o * (1 - squashed ** 2);
        const gateGradients = [dc[unit] * g, dc[unit] * trace.c[before + unit], dc[unit] * i, dh[unit] * squashed];
        gateGradients.forEach((gradient, index) => {
          const column = index * units + unit;
          dz[column] = gradient * gateOf(column, units, gate).slope(trace.z[at + column]);
        });
        dc[unit] *= f;
      }

      dh.fill(0);
      for (let column = 0; column < width; column++) {
        gradients.bias[column] += dz[column];
        for (let k = 0; k < features; k++) {
          gradients.kernel[k * width + column] += x[input + k] * dz[column];
          gradients.x[input + k] += weights.kernel[k * width + column] * dz[column];
        }
        for (let k = 0; k < units; k++) {
          gradients.recurrentKernel[k * width + column] += trace.h[before + k] * dz[column];
          dh[k] += weights.recurrentKernel[k * width + column] * dz[column];
        }
      }
    }
    gradients.h0.set(dh, row * units);
    gradients.c0.set(dc, row * units);
  }
  return gradients;
}

function gateOf(column: number, units: number, gate: GateName) {
  return Math.floor(column / units) === 2 ? activations.tanh : activations[gate];
}
