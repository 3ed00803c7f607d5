import { activations, type ActivationName } from './activations.ts';
import type { TwinLayer } from './twin-layers.ts';

/** Options of a convolution over time, under the library's names. */
export interface ConvolutionSpec {
  filters: number;
  kernelSize: number;
  strides: number;
  padding: 'valid' | 'same' | 'causal';
  dilationRate: number;
  activation: ActivationName;
  useBias: boolean;
}

/** Where the windows lie: how many there are, and the step at which the first begins, which may lie in front of the sequence. */
export function windowsOf(
  { kernelSize, strides, padding, dilationRate }: Omit<ConvolutionSpec, 'filters' | 'activation' | 'useBias'>,
  steps: number,
): { count: number; first: number } {
  const reach = (kernelSize - 1) * dilationRate;
  if (padding === 'valid') return { count: Math.floor((steps - reach - 1) / strides) + 1, first: 0 };
  const count = Math.ceil(steps / strides);
  if (padding === 'causal') return { count, first: -reach };
  // What the last window lacks is split between both ends, and an odd step more goes behind.
  const missing = Math.max(0, (count - 1) * strides + reach + 1 - steps);
  return { count, first: missing === 0 ? 0 : -Math.floor(missing / 2) };
}

/** A convolution over time, tap by tap; its weights are kernel [kernelSize, features, filters] and bias [filters]. */
export function conv1d(features: number, spec: ConvolutionSpec): TwinLayer {
  const { filters, kernelSize, strides, dilationRate, useBias } = spec;
  const { value, derivative } = activations[spec.activation];
  const [kernel, bias] = [new Float64Array(kernelSize * features * filters), new Float64Array(filters)];
  const weightsOf = (both: Float64Array[]) => (useBias ? both : both.slice(0, 1));
  let back: TwinLayer['backward'];
  return {
    weights: weightsOf([kernel, bias]),
    forward: ({ shape: [batch, steps], values }) => {
      const { count, first } = windowsOf(spec, steps);
      /** Visits every product of an input and a weight: the indices of both, and of the output that it is part of. */
      const products = (visit: (out: number, x: number, w: number) => void) => {
        for (let n = 0; n < batch * count * filters * kernelSize * features; n++) {
          const feature = n % features;
          const tap = Math.floor(n / features) % kernelSize;
          const out = Math.floor(n / (features * kernelSize));
          const window = Math.floor(out / filters) % count;
          const row = Math.floor(out / (filters * count));
          const step = first + window * strides + tap * dilationRate;
          const isInside = step >= 0 && step < steps;
          if (isInside) {
            visit(
              out,
              (row * steps + step) * features + feature,
              (tap * features + feature) * filters + (out % filters),
            );
          }
        }
      };
      const z = new Float64Array(batch * count * filters).map((_, out) => bias[out % filters]);
      products((out, x, w) => (z[out] += values[x] * kernel[w]));
      back = (gradient) => {
        const dz = z.map((sum, out) => gradient[out] * derivative(sum));
        const [dKernel, dBias, dx] = [kernel, bias, values].map(({ length }) => new Float64Array(length));
        dz.forEach((d, out) => (dBias[out % filters] += d));
        products((out, x, w) => {
          dKernel[w] += dz[out] * values[x];
          dx[x] += dz[out] * kernel[w];
        });
        return { weights: weightsOf([dKernel, dBias]), x: dx };
      };
      return { shape: [batch, count, filters], values: z.map(value) };
    },
    backward: (gradient) => back(gradient),
  };
}
