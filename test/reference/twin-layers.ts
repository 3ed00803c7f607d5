import { activations } from './activations.ts';
import type { Numbers } from './arrays.ts';
import { biasSize, GATES, type RecurrentSpec } from './cells.ts';
import { denseBackward, denseForward } from './dense.ts';
import { recurrent } from './recurrent.ts';

/** The output of a layer, which is the input of the next: batch-major values with a mask. */
export interface Passing {
  /** The shape: [B, T, F] or [B, F]. */
  shape: readonly number[];
  values: Float64Array;
  /** The mask [B, T]: whether a step counts. */
  mask?: readonly boolean[];
}

/** A layer, which stores its last forward pass for the backward pass. */
export interface TwinLayer {
  /** The weights in Keras' order; whoever changes these arrays changes the layer. */
  readonly weights: readonly Float64Array[];
  forward(input: Passing): Passing;
  /** The gradients with respect to the weights and to the input's values. */
  backward(outputGradient: Float64Array): { weights: Float64Array[]; x: Float64Array };
}

/** A layer without weights, from a function that returns its output and the function for the gradient of its input. */
type Pass = (input: Passing) => Passing & { back(gradient: Float64Array): Float64Array };

function withoutWeights(pass: Pass): TwinLayer {
  let last: ReturnType<Pass>;
  return {
    weights: [],
    forward: (input) => {
      last = pass(input);
      return last;
    },
    backward: (gradient) => ({ weights: [], x: last.back(gradient) }),
  };
}

/** Whether step t of row b counts. */
const counts = ({ shape, mask }: Passing, row: number, step: number) => mask?.[row * shape[1] + step] ?? true;

/** Masks the steps whose features all equal `value`, and sets them to zero. */
export const masking = (value: number): TwinLayer =>
  withoutWeights(({ shape, values }) => {
    const [batch, steps, features] = shape;
    const mask = Array.from({ length: batch * steps }, (_, n) =>
      values.subarray(n * features, (n + 1) * features).some((x) => x !== value),
    );
    const keep = (data: Float64Array) => data.map((x, index) => (mask[Math.floor(index / features)] ? x : 0));
    return { shape, values: keep(values), mask, back: keep };
  });

/** Multiplies each element by a factor of its own, as dropout does. */
export const scaled = (factors: Numbers): TwinLayer =>
  withoutWeights(({ shape, values, mask }) => {
    const scale = (data: Float64Array) => data.map((x, index) => x * factors[index]);
    return { shape, values: scale(values), mask, back: scale };
  });

export const activation = (name: keyof typeof activations): TwinLayer =>
  withoutWeights(({ shape, values, mask }) => ({
    shape,
    mask,
    values: values.map(activations[name].value),
    back: (gradient) => gradient.map((g, index) => g * activations[name].derivative(values[index])),
  }));

export const repeatVector = (n: number): TwinLayer =>
  withoutWeights(({ shape: [batch, features], values }) => {
    const repeated = new Float64Array(batch * n * features);
    const source = (index: number) => Math.floor(index / (n * features)) * features + (index % features);
    return {
      shape: [batch, n, features],
      values: repeated.map((_, index) => values[source(index)]),
      back: (gradient) => {
        const x = new Float64Array(values.length);
        gradient.forEach((g, index) => (x[source(index)] += g));
        return x;
      },
    };
  });

export const lastStep = (): TwinLayer =>
  withoutWeights((input) => {
    const [batch, steps, features] = input.shape;
    const values = new Float64Array(batch * features);
    const x = new Float64Array(input.values.length);
    const starts = Array.from({ length: batch }, (_, row) => {
      const valid = Array.from({ length: steps }, (_step, t) => t).filter((t) => counts(input, row, t));
      return valid.length === 0 ? undefined : (row * steps + valid.at(-1)!) * features;
    });
    starts.forEach((start, row) => {
      if (start !== undefined) values.set(input.values.subarray(start, start + features), row * features);
    });
    return {
      shape: [batch, features],
      values,
      back: (gradient) => {
        x.fill(0);
        starts.forEach((start, row) => {
          if (start !== undefined) x.set(gradient.subarray(row * features, (row + 1) * features), start);
        });
        return x;
      },
    };
  });

/** @param maskZero whether index 0 is padding */
export function embedding(inputDim: number, outputDim: number, maskZero: boolean): TwinLayer {
  const table = new Float64Array(inputDim * outputDim);
  let indices: Float64Array = new Float64Array();
  return {
    weights: [table],
    forward: ({ shape, values, mask: given }) => {
      indices = values;
      const rows = Array.from(values, (index) => [...table.subarray(index * outputDim, (index + 1) * outputDim)]);
      const mask = maskZero ? Array.from(values, (index) => index !== 0) : given;
      return { shape: [...shape, outputDim], values: Float64Array.from(rows.flat()), mask };
    },
    backward: (gradient) => {
      const sums = new Float64Array(table.length);
      gradient.forEach((g, at) => (sums[indices[Math.floor(at / outputDim)] * outputDim + (at % outputDim)] += g));
      return { weights: [sums], x: new Float64Array(indices.length) };
    },
  };
}

export function dense(
  features: number,
  units: number,
  name: keyof typeof activations = 'linear',
  useBias = true,
): TwinLayer {
  const [kernel, bias] = [new Float64Array(features * units), new Float64Array(units)];
  const trained = useBias ? 2 : 1;
  let back: TwinLayer['backward'];
  return {
    weights: [kernel, bias].slice(0, trained),
    forward: ({ shape, values, mask }) => {
      const extent = { rows: values.length / features, features, units };
      const { z, y } = denseForward(extent, { kernel, bias }, values, name);
      back = (gradient) => {
        const gradients = denseBackward(extent, { kernel, bias }, values, z, gradient, name);
        return { weights: [gradients.kernel, gradients.bias].slice(0, trained), x: gradients.x };
      };
      return { shape: [...shape.slice(0, -1), units], values: y, mask };
    },
    backward: (gradient) => back(gradient),
  };
}

export interface RecurrentOptions extends RecurrentSpec {
  returnSequences?: boolean;
  /** Default: true. */
  useBias?: boolean;
  /** Each forward pass continues the states of the one before it. Default: false. */
  stateful?: boolean;
}

/** A recurrent layer in a stack. */
export interface RecurrentTwin extends TwinLayer {
  /**
   * States after the last pass, at least [B, H] each; absent before the first pass, which starts from zero. A stateful layer
   * starts each pass from these arrays and writes its states back into them.
   */
  states?: readonly Float64Array[];
}

/** A recurrent layer that skips masked steps and starts from zero or is stateful. */
export function recurrentLayer(features: number, units: number, options: RecurrentOptions): RecurrentTwin {
  const { returnSequences = false, useBias = true, stateful = false, ...spec } = options;
  const [kernel, recurrentKernel] = [features, units].map((rows) => new Float64Array(rows * GATES[spec.cell] * units));
  const bias = new Float64Array(biasSize(spec, units));
  const trained = useBias ? 3 : 2;
  let back: TwinLayer['backward'];
  const twin: RecurrentTwin = {
    weights: [kernel, recurrentKernel, bias].slice(0, trained),
    forward: ({ shape: [batch, steps], values, mask }) => {
      const shape = { batch, steps, features, units };
      const initial = stateful ? twin.states : undefined;
      const conditions = { mask: mask?.map(Number), initial };
      const run = recurrent(spec, shape, { kernel, recurrentKernel, bias }, values, conditions);
      // A batch may have fewer rows than there are slots; the states of the other slots stay.
      if (initial) initial.forEach((state, n) => state.set(run.last[n]));
      else twin.states = run.last;
      const output = new Float64Array((returnSequences ? steps : 1) * batch * units);
      /** The index of an output among those of all steps. */
      const inAll = (n: number) =>
        returnSequences ? n : ((Math.floor(n / units) + 1) * steps - 1) * units + (n % units);
      back = (gradient) => {
        const all = new Float64Array(run.output.length);
        gradient.forEach((g, n) => (all[inAll(n)] = g));
        const { x, ...gradients } = run.backward(all);
        return { weights: [gradients.kernel, gradients.recurrentKernel, gradients.bias].slice(0, trained), x };
      };
      return {
        shape: returnSequences ? [batch, steps, units] : [batch, units],
        values: output.map((_, n) => run.output[inAll(n)]),
        mask: returnSequences ? mask : undefined,
      };
    },
    backward: (gradient) => back(gradient),
  };
  return twin;
}

export const lstm = (features: number, units: number, options: Omit<RecurrentOptions, 'cell'> = {}): TwinLayer =>
  recurrentLayer(features, units, { cell: 'lstm', ...options });

/** Reverses the steps of sequences [B, T, F]. */
function turned(values: Float64Array, [, steps, features]: readonly number[]): Float64Array {
  return values.map((_, index) => {
    const position = Math.floor(index / features);
    return values[(position - 2 * (position % steps) + steps - 1) * features + (index % features)];
  });
}

export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave';

/** Two recurrent layers, the second of which reads its input from the end, with their outputs merged in order of the input. */
export function bidirectional(features: number, units: number, mode: MergeMode, options: RecurrentOptions): TwinLayer {
  const { returnSequences = false } = options;
  // As in Keras, outputs of masked steps are zero if the layers return sequences.
  const layers = [false, true].map((goBackwards) =>
    recurrentLayer(features, units, { ...options, goBackwards, zeroOutputForMask: returnSequences }),
  );
  const width = mode === 'concat' ? 2 * units : units;
  let outputs: Float64Array[];
  let inOrder: (values: Float64Array, direction: number) => Float64Array;
  return {
    weights: layers.flatMap((layer) => [...layer.weights]),
    forward: (input) => {
      const passed = layers.map((layer) => layer.forward(input));
      const [{ shape, mask }] = passed;
      inOrder = (values, direction) => (returnSequences && direction === 1 ? turned(values, shape) : values);
      outputs = passed.map(({ values }, direction) => inOrder(values, direction));
      const [f, b] = outputs;
      const values = Float64Array.from({ length: (f.length / units) * width }, (_, index) => {
        const source = Math.floor(index / width) * units + (index % units);
        if (mode === 'concat') return (index % width < units ? f : b)[source];
        if (mode === 'mul') return f[source] * b[source];
        return (f[source] + b[source]) * (mode === 'ave' ? 0.5 : 1);
      });
      return { shape: [...shape.slice(0, -1), width], values, mask };
    },
    backward: (gradient) => {
      const parts = layers.map((layer, n) => {
        const ofOutput = outputs[n].map((_, index) => {
          if (mode === 'concat') return gradient[Math.floor(index / units) * width + n * units + (index % units)];
          if (mode === 'mul') return gradient[index] * outputs[1 - n][index];
          return gradient[index] * (mode === 'ave' ? 0.5 : 1);
        });
        return layer.backward(inOrder(ofOutput, n));
      });
      return {
        weights: parts.flatMap((part) => part.weights),
        x: parts[0].x.map((g, index) => g + parts[1].x[index]),
      };
    },
  };
}
