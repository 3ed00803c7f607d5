import { UnsupportedError, ValueError, type SampleShape, type Shape } from '../../index.ts';
import type { ArrayContents, LayerContents } from '../contents.ts';
import { biasOfTwo, columnsOf, rowsOf, withAxesReversed } from '../weight-layouts.ts';
import { layerNames } from '../layer-names.ts';
import { show } from '../reading.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** An array of a module of PyTorch. */
export interface TorchArray {
  /** The name in the module, for a recurrent one without the level: `weight_ih`, `bias_hh_reverse`. */
  readonly part: string;
  readonly shape: Shape;
}

/** A layer with weights, as the module of PyTorch that computes the same. */
export interface TorchModule {
  /** The name of the layer. */
  readonly layer: string;
  readonly isRecurrent: boolean;
  readonly arrays: readonly TorchArray[];
  /** How many weights the layer has. */
  readonly weightCount: number;
  /** The layer's weights in the library's order, from the arrays in their order here. */
  toLibrary(arrays: readonly Numbers[]): Pick<ArrayContents, 'shape' | 'data'>[];
  /** The arrays from the layer's weights. */
  toTorch(weights: readonly Numbers[]): Numbers[];
}

type Options = LayerContents['options'];

/** Which block of PyTorch's rows is the n-th gate of Keras, and just so the other way round. */
const GATE_ORDERS: Readonly<Record<string, readonly number[]>> = {
  lstm: [0, 1, 2, 3],
  // The gates r, z, n of PyTorch are z, r, h in Keras.
  gru: [1, 0, 2],
  simpleRnn: [0],
};

const DIRECTIONS = ['', '_reverse'];

/**
 * The modules of PyTorch that layers are, in their order; layers without weights are none.
 *
 * @throws ValueError, ShapeError if an option is missing that tells the size of a layer
 */
export function modulesOf(where: string, layers: readonly LayerContents[], inputShape: SampleShape): TorchModule[] {
  const names = layerNames(layers);
  let features = inputShape.at(-1) ?? NaN;
  return layers.flatMap((layer, n) => {
    const sizes = sizesOf(`${where}: layer ${show(names[n])}`, layer, features);
    features = sizes.outputs;
    return sizes.module ? [{ layer: names[n], ...sizes.module }] : [];
  });
}

interface Sizes {
  /** How many features the layer gives. */
  readonly outputs: number;
  readonly module?: Omit<TorchModule, 'layer'>;
}

function sizesOf(where: string, { type, options }: LayerContents, features: number): Sizes {
  const size = (name: string) => wholeNumber(where, name, options[name]);
  switch (type) {
    case 'lstm':
    case 'gru':
    case 'simpleRnn':
      return { outputs: size('units'), module: recurrentModule(type, options, features, ['']) };
    case 'bidirectional': {
      const inner = options.layer as LayerContents;
      const units = wholeNumber(where, 'layer.options.units', inner.options.units);
      const module = recurrentModule(inner.type, inner.options, features, DIRECTIONS);
      return { outputs: (options.mergeMode ?? 'concat') === 'concat' ? 2 * units : units, module };
    }
    case 'dense':
      return { outputs: size('units'), module: linearModule(size('units'), features, options.useBias !== false) };
    case 'conv1d': {
      const module = convolutionModule(size('filters'), features, size('kernelSize'), options.useBias !== false);
      return { outputs: size('filters'), module };
    }
    case 'embedding':
      return { outputs: size('outputDim'), module: embeddingModule(size('inputDim'), size('outputDim')) };
    case 'activation':
    case 'dropout':
    case 'lastStep':
    case 'masking':
    case 'repeatVector':
      return { outputs: features };
    default:
      throw new UnsupportedError(
        `${where} has the type ${show(type)}, which has no counterpart among PyTorch's modules.`,
      );
  }
}

function wholeNumber(where: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a positive whole number.`);
}

function recurrentModule(type: string, options: Options, features: number, directions: readonly string[]) {
  const order = GATE_ORDERS[type];
  const units = options.units as number;
  const rows = order.length * units;
  const hasBias = options.useBias !== false;
  const shapes = {
    weight_ih: [rows, features],
    weight_hh: [rows, units],
    ...(hasBias && { bias_ih: [rows], bias_hh: [rows] }),
  };
  const hasTwoBiases = type === 'gru';
  const arraysPerDirection = Object.keys(shapes).length;
  const weightsPerDirection = hasBias ? 3 : 2;
  return {
    isRecurrent: true,
    weightCount: directions.length * weightsPerDirection,
    arrays: directions.flatMap((end) =>
      Object.entries(shapes).map(([name, shape]) => ({ part: `${name}${end}`, shape })),
    ),
    toLibrary: (arrays: readonly Numbers[]) =>
      directions.flatMap((_, d) => {
        const [ih, hh, ...biases] = arrays.slice(d * arraysPerDirection, (d + 1) * arraysPerDirection);
        const kernels = [
          { shape: [features, rows], data: columnsOf(ih, 0, features, units, order) },
          { shape: [units, rows], data: columnsOf(hh, 0, units, units, order) },
        ];
        if (!hasBias) return kernels;
        const [input, recurrent] = biases.map((bias) => columnsOf(bias, 0, 1, units, order));
        return [...kernels, biasOfTwo(input, recurrent, hasTwoBiases)];
      }),
    toTorch: (weights: readonly Numbers[]) =>
      directions.flatMap((_, d) => {
        const [kernel, recurrent, bias] = weights.slice(d * weightsPerDirection, (d + 1) * weightsPerDirection);
        const kernels = [rowsOf(kernel, features, units, order), rowsOf(recurrent, units, units, order)];
        if (!hasBias) return kernels;
        const second = hasTwoBiases ? rowsOf(bias.subarray(rows), 1, units, order) : new Float32Array(rows);
        return [...kernels, rowsOf(bias.subarray(0, rows), 1, units, order), second];
      }),
  };
}

/** `nn.Linear`, whose matrix is that of `dense` with rows as columns. */
function linearModule(units: number, features: number, hasBias: boolean) {
  return {
    isRecurrent: false,
    weightCount: hasBias ? 2 : 1,
    arrays: [{ part: 'weight', shape: [units, features] }, ...(hasBias ? [{ part: 'bias', shape: [units] }] : [])],
    toLibrary: ([weight, ...biases]: readonly Numbers[]) => [
      { shape: [features, units], data: columnsOf(weight, 0, features, units, [0]) },
      ...biases.map((data) => ({ shape: [units], data })),
    ],
    toTorch: ([kernel, ...biases]: readonly Numbers[]) => [rowsOf(kernel, features, units, [0]), ...biases],
  };
}

/** `nn.Conv1d`, whose kernel is that of `conv1d` with its axes in reverse order. */
function convolutionModule(filters: number, features: number, kernelSize: number, hasBias: boolean) {
  const shape = [kernelSize, features, filters];
  const reversed = shape.toReversed();
  return {
    isRecurrent: false,
    weightCount: hasBias ? 2 : 1,
    arrays: [{ part: 'weight', shape: reversed }, ...(hasBias ? [{ part: 'bias', shape: [filters] }] : [])],
    toLibrary: ([weight, ...biases]: readonly Numbers[]) => [
      { shape, data: withAxesReversed(weight, reversed) },
      ...biases.map((data) => ({ shape: [filters], data })),
    ],
    toTorch: ([kernel, ...biases]: readonly Numbers[]) => [withAxesReversed(kernel, shape), ...biases],
  };
}

/** `nn.Embedding`, whose table is the same. */
function embeddingModule(inputDim: number, outputDim: number) {
  const shape = [inputDim, outputDim];
  return {
    isRecurrent: false,
    weightCount: 1,
    arrays: [{ part: 'weight', shape }],
    toLibrary: (arrays: readonly Numbers[]) => arrays.map((data) => ({ shape, data })),
    toTorch: (weights: readonly Numbers[]) => [...weights],
  };
}
