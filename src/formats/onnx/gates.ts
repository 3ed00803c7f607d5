import { ValueError, type Shape } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { biasOfTwo, columnsOf, rowsOf } from '../weight-layouts.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import type { Constant } from './tensors.ts';

/** A recurrent operator of ONNX, and the layer here that computes the same. */
export interface Cell {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly type: 'lstm' | 'gru' | 'simpleRnn';
  /** Which block of ONNX is the n-th of Keras: i, o, f, c become i, f, c, o; those of a GRU, z, r, h, have the same order. */
  readonly fromOnnx: readonly number[];
  /** Which block of Keras is the n-th of ONNX. */
  readonly toOnnx: readonly number[];
  readonly states: readonly string[];
  /** The default activations: of the gates, and of candidate and output. */
  readonly activations: readonly string[];
}

export const CELLS: readonly Cell[] = [
  {
    op: 'LSTM',
    type: 'lstm',
    fromOnnx: [0, 2, 3, 1],
    toOnnx: [0, 3, 1, 2],
    states: ['h', 'c'],
    activations: ['Sigmoid', 'Tanh', 'Tanh'],
  },
  { op: 'GRU', type: 'gru', fromOnnx: [0, 1, 2], toOnnx: [0, 1, 2], states: ['h'], activations: ['Sigmoid', 'Tanh'] },
  { op: 'RNN', type: 'simpleRnn', fromOnnx: [0], toOnnx: [0], states: ['h'], activations: ['Tanh'] },
];

export interface OnnxWeights {
  readonly w: Constant;
  readonly r: Constant;
  readonly b?: Constant;
}

/** The shapes of W, R and B. */
export function onnxShapes({ fromOnnx }: Cell, directions: number, features: number, units: number) {
  const width = fromOnnx.length * units;
  return { w: [directions, width, features], r: [directions, width, units], b: [directions, 2 * width] };
}

/** The weights of a layer in the library's order, direction after direction. @throws ValueError if one has another shape */
export function libraryWeights(
  where: string,
  cell: Cell,
  { w, r, b }: OnnxWeights,
  size: { directions: number; features: number; units: number; hasTwoBiases: boolean },
): ArrayContents[] {
  const { directions, features, units, hasTwoBiases } = size;
  const expected = onnxShapes(cell, directions, features, units);
  expectDims(where, w, expected.w);
  expectDims(where, r, expected.r);
  if (b) expectDims(where, b, expected.b);
  const width = cell.fromOnnx.length * units;
  return Array.from({ length: directions }, (_, d) => {
    const kernel = columnsOf(w.data, d * width * features, features, units, cell.fromOnnx);
    const recurrent = columnsOf(r.data, d * width * units, units, units, cell.fromOnnx);
    return [
      { name: w.name, shape: [features, width], data: kernel },
      { name: r.name, shape: [units, width], data: recurrent },
      ...(b ? [biasOf(cell, b, d, units, hasTwoBiases)] : []),
    ];
  }).flat();
}

/** Keras' bias of one direction. */
function biasOf(cell: Cell, b: Constant, direction: number, units: number, hasTwo: boolean): ArrayContents {
  const width = cell.fromOnnx.length * units;
  const first = 2 * width * direction;
  const input = columnsOf(b.data, first, 1, units, cell.fromOnnx);
  const recurrent = columnsOf(b.data, first + width, 1, units, cell.fromOnnx);
  return { name: b.name, ...biasOfTwo(input, recurrent, hasTwo) };
}

/** W, R and B of the weights of one direction. A bias that Keras has once becomes that of the input, beside zeros. */
export function onnxWeights(cell: Cell, units: number, [kernel, recurrent, bias]: readonly ArrayContents[]) {
  const width = cell.fromOnnx.length * units;
  const b = new Float32Array(2 * width);
  if (bias) {
    b.set(rowsOf(bias.data.subarray(0, width), 1, units, cell.toOnnx));
    if (bias.data.length > width) b.set(rowsOf(bias.data.subarray(width), 1, units, cell.toOnnx), width);
  }
  return {
    w: rowsOf(kernel.data, kernel.data.length / width, units, cell.toOnnx),
    r: rowsOf(recurrent.data, units, units, cell.toOnnx),
    b: bias && b,
  };
}

/** @throws ValueError if a constant has another shape */
export function expectDims(where: string, { name, shape }: Constant, expected: Shape): void {
  if (sameShape(shape, expected)) return;
  throw new ValueError(`${where}: ${show(name)} has shape ${shapeText(shape)}, expected ${shapeText(expected)}.`);
}
