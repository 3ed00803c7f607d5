import { ValueError } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { columnsOf } from '../weight-layouts.ts';
import type { JsonValue } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import { fieldOf } from './config/objects.ts';
import { layerObjectOf } from './config/read-layer.ts';

/**
 * The arrays of a layer in the layout of Keras 3: older programs stored some layers in others.
 *
 * @param isState whether the arrays are an optimizer's memory of the weights, and not the weights themselves
 * @throws ValueError if they are not in a layout of the layer
 */
export function convertLayer(layer: JsonValue, arrays: readonly ArrayContents[], isState: boolean): ArrayContents[] {
  const { className, config } = layerObjectOf(layer);
  if (className === 'Bidirectional' || className === 'TimeDistributed') {
    const inner = fieldOf(config, 'layer');
    const half = className === 'Bidirectional' ? arrays.length / 2 : arrays.length;
    return [arrays.slice(0, half), arrays.slice(half)].flatMap((part) => convertLayer(inner, part, isState));
  }
  if (className === 'CuDNNLSTM' || className === 'CuDNNGRU') {
    if (arrays.length > 0 && isState) refuseState(config, className);
    return fromCudnn(config, className === 'CuDNNLSTM' ? 4 : 3, arrays);
  }
  if (className === 'LSTM' && arrays.length === 12) return joined(config, arrays, [0, 2, 1, 3]);
  if (className === 'GRU' && arrays.length === 9) return joined(config, arrays, [0, 1, 2]);
  return [...arrays];
}

function refuseState({ where }: JsonValue, className: string): never {
  throw new ValueError(
    `${where}: ${className} has two biases where one is enough, whose state of an optimizer has no counterpart here. ` +
      `Save the model with include_optimizer=False.`,
  );
}

/** Keras 1 stored kernel, recurrent kernel and bias of each gate one by one. */
function joined({ where }: JsonValue, arrays: readonly ArrayContents[], order: readonly number[]): ArrayContents[] {
  return [0, 1, 2].map((kind) =>
    concatenated(
      where,
      order.map((gate) => arrays[3 * gate + kind]),
    ),
  );
}

/** Joins arrays along their last axis. @throws ValueError unless all have the same shape */
function concatenated(where: string, arrays: readonly ArrayContents[]): ArrayContents {
  const [{ name, shape }] = arrays;
  const other = arrays.find((array) => !sameShape(array.shape, shape));
  if (other || shape.length < 1 || shape.length > 2) {
    throw new ValueError(
      `${where}: ${(other ?? arrays[0]).name} is no part of ${name}, expected gates of the same shape.`,
    );
  }
  const width = shape.at(-1)!;
  const rows = shape.length === 2 ? shape[0] : 1;
  const data = new Float32Array(rows * width * arrays.length);
  for (let row = 0; row < rows; row++) {
    arrays.forEach((array, gate) => {
      data.set(array.data.subarray(row * width, (row + 1) * width), (row * arrays.length + gate) * width);
    });
  }
  return { name, shape: [...shape.slice(0, -1), width * arrays.length], data };
}

/**
 * The layers for cuDNN store the matrices of each gate transposed, in the shapes of those of Keras, and two biases, of which an
 * LSTM needs the sum alone.
 */
function fromCudnn({ where }: JsonValue, gates: number, arrays: readonly ArrayContents[]): ArrayContents[] {
  const [kernel, recurrent, bias] = arrays;
  const units = recurrent?.shape[0];
  const features = kernel?.shape[0];
  const width = gates * units;
  const shapes = [[features, width], [units, width], [2 * width]];
  if (arrays.length !== 3 || arrays.some(({ shape }, index) => !sameShape(shape, shapes[index]))) {
    const given = arrays.map(({ shape }) => shapeText(shape)).join(', ');
    throw new ValueError(`${where}: got arrays of the shapes ${given}, expected those of a layer for cuDNN.`);
  }
  const sum = bias.data.subarray(0, width).map((value, index) => value + bias.data[width + index]);
  return [
    { ...kernel, data: transposedGates(kernel.data, features, units, gates) },
    { ...recurrent, data: transposedGates(recurrent.data, units, units, gates) },
    gates === 4 ? { ...bias, shape: [width], data: sum } : { ...bias, shape: [2, width] },
  ];
}

/** Takes the numbers of each gate, which stand in rows of one gate each, as rows of one unit each. */
function transposedGates(data: Float32Array, depth: number, units: number, gates: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(data.length);
  for (let gate = 0; gate < gates; gate++) {
    for (let row = 0; row < depth; row++) {
      const start = row * gates * units + gate * units;
      rows.set(data.subarray(start, start + units), gate * depth * units + row * units);
    }
  }
  return columnsOf(
    rows,
    0,
    depth,
    units,
    Array.from({ length: gates }, (_, gate) => gate),
  );
}
