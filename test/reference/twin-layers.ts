import { activations } from './activations.ts';
import type { Numbers } from './arrays.ts';
import { biasSize, GATES, type RecurrentSpec } from './cells.ts';
import { denseBackward, denseForward } from './dense.ts';
import { recurrent } from './recurrent.ts';

/** What passes between the layers of a stack, batch-major. */
export interface Passing {
  /** [B, T, F], or [B, F]. */
  shape: readonly number[];
  values: Float64Array;
  /** [B, T]: whether a step counts. */
  mask?: readonly boolean[];
}

/** A layer that remembers its last forward pass. */
export interface TwinLayer {
  /** In Keras' order; change them to change the layer. */
  readonly weights: readonly Float64Array[];
  forward(input: Passing): Passing;
  /** The gradients by the weights and by the input's values. */
  backward(outputGradient: Float64Array): { weights: Float64Array[]; x: Float64Array };
}

/** A layer without weights: its forward pass gives the output and the gradient of the input as a function. */
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

/** Padding, whose features all are `value`, becomes zero and is marked. */
export const masking = (value: number): TwinLayer =>
  withoutWeights(({ shape, values }) => {
    const [batch, steps, features] = shape;
    const mask = Array.from({ length: batch * steps }, (_, n) =>
      values.subarray(n * features, (n + 1) * features).some((x) => x !== value),
    );
    const keep = (data: Float64Array) => data.map((x, index) => (mask[Math.floor(index / features)] ? x : 0));
    return { shape, values: keep(values), mask, back: keep };
  });

/** Each element times a factor of its own. */
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
    const places = Array.from({ length: batch }, (_, row) => {
      const valid = Array.from({ length: steps }, (_step, t) => t).filter((t) => counts(input, row, t));
      return valid.length === 0 ? undefined : (row * steps + valid.at(-1)!) * features;
    });
    places.forEach((place, row) => {
      if (place !== undefined) values.set(input.values.subarray(place, place + features), row * features);
    });
    return {
      shape: [batch, features],
      values,
      back: (gradient) => {
        x.fill(0);
        places.forEach((place, row) => {
          if (place !== undefined) x.set(gradient.subarray(row * features, (row + 1) * features), place);
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
    forward: ({ shape, values }) => {
      indices = values;
      const rows = Array.from(values, (index) => [...table.subarray(index * outputDim, (index + 1) * outputDim)]);
      const mask = maskZero ? Array.from(values, (index) => index !== 0) : undefined;
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
  /** Each pass continues the states that the one before it left. Default: false. */
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

/** A recurrent layer that passes over padding: from zero, or stateful. */
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
      // A batch may have fewer rows than there are slots: states of the slots behind it stay.
      if (initial) initial.forEach((state, n) => state.set(run.last[n]));
      else twin.states = run.last;
      const output = new Float64Array((returnSequences ? steps : 1) * batch * units);
      /** Where an output lies among those of all steps. */
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

/** The steps of sequences [B, T, F] in reversed order. */
function turned(values: Float64Array, [, steps, features]: readonly number[]): Float64Array {
  return values.map((_, index) => {
    const place = Math.floor(index / features);
    return values[(place - 2 * (place % steps) + steps - 1) * features + (index % features)];
  });
}

export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave';

/** Two recurrent layers, the second from the end, and what becomes of both outputs; of sequences in order of the input. */
export function bidirectional(features: number, units: number, mode: MergeMode, options: RecurrentOptions): TwinLayer {
  const { returnSequences = false } = options;
  // As Keras builds them: a sequence has no output at padding.
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
        const place = Math.floor(index / width) * units + (index % units);
        if (mode === 'concat') return (index % width < units ? f : b)[place];
        if (mode === 'mul') return f[place] * b[place];
        return (f[place] + b[place]) * (mode === 'ave' ? 0.5 : 1);
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
