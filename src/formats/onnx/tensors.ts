import { UnsupportedError, ValueError, type Shape } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { show } from '../reading.ts';
import { elementsOf, shapeText } from '../shape.ts';
import type { TensorProto } from './proto.ts';

/** An array of a file whose numbers are known. */
export interface Constant {
  readonly kind: 'constant';
  readonly name: string;
  readonly shape: Shape;
  /** Whether the numbers are whole ones, such as sizes, in contrast to weights. */
  readonly isInteger: boolean;
  readonly data: ArrayLike<number>;
}

export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  8: 'STRING',
  10: 'FLOAT16',
  11: 'DOUBLE',
  16: 'BFLOAT16',
};

export const typeName = (type: number | undefined) => TYPE_NAMES[type ?? 0] ?? `number ${type ?? 0}`;

const BYTES_OF: Readonly<Record<number, number>> = { [FLOAT]: 4, [INT32]: 4, [INT64]: 8, [BOOL]: 1 };

/** More dimensions than any array of a layer has. */
const MAX_RANK = 8;

/** The array of a tensor in a file. @throws ValueError, UnsupportedError if the file does not hold it as it says */
export function constantOf(where: string, proto: TensorProto, name: string): Constant {
  const what = `${where}: tensor ${show(name)}`;
  const { dims: shape = [], dataType = 0, floatData, int32Data, int64Data, rawData } = proto;
  if (proto.externalData || proto.dataLocation) {
    throw new UnsupportedError(`${what} lies in another file (external data), expected it in the ONNX file itself.`);
  }
  if (proto.segment) throw new UnsupportedError(`${what} is split into segments, expected a whole tensor.`);
  if (!(dataType in BYTES_OF)) {
    throw new UnsupportedError(
      `${what} has data type ${typeName(dataType)}, expected FLOAT. Convert the model to float32.`,
    );
  }
  const count = countOf(what, shape);
  const typed = dataType === FLOAT ? floatData : dataType === INT64 ? int64Data : int32Data;
  if (rawData && (floatData ?? int32Data ?? int64Data)) {
    throw new ValueError(`${what} has its numbers twice, as raw_data and by type, expected one of them.`);
  }
  const size = rawData ? rawData.length / BYTES_OF[dataType] : (typed?.length ?? 0);
  if (size !== count) {
    throw new ValueError(`${what} holds ${size} numbers, expected ${count} by its shape ${shapeText(shape)}.`);
  }
  const isInteger = dataType !== FLOAT;
  const data = rawData ? rawNumbers(dataType, rawData) : isInteger ? (typed ?? []) : Float32Array.from(typed ?? []);
  const wrong = Array.prototype.findIndex.call(
    data,
    (n: number) => !(isInteger ? Number.isSafeInteger(n) : Number.isFinite(n)),
  );
  if (wrong >= 0) {
    throw new ValueError(
      `${what} holds ${data[wrong]} at [${wrong}], expected ${isInteger ? 'exact whole' : 'finite'} numbers.`,
    );
  }
  return { kind: 'constant', name, shape, isInteger, data };
}

/** How many numbers a shape has. @throws ValueError if it is not one */
function countOf(what: string, shape: Shape): number {
  const isShape = shape.length <= MAX_RANK && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape) {
    throw new ValueError(`${what} has the shape ${shapeText(shape)}, expected up to ${MAX_RANK} sizes.`);
  }
  return elementsOf(shape);
}

function rawNumbers(dataType: number, { buffer }: Uint8Array<ArrayBuffer>): ArrayLike<number> {
  if (dataType === FLOAT) return new Float32Array(buffer);
  if (dataType === INT32) return new Int32Array(buffer);
  if (dataType === BOOL) return new Uint8Array(buffer);
  return Array.from(new BigInt64Array(buffer), Number);
}

/** A tensor of float32 numbers, as a file holds it. */
export function floatTensor(name: string, dims: Shape, data: Float32Array<ArrayBuffer>): TensorProto {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

export function intTensor(name: string, values: readonly number[]): TensorProto {
  return { name, dims: [values.length], dataType: INT64, int64Data: values };
}

/** Weights of a layer, which share no memory with those of another. */
export function ownFloats({ name, shape, data }: Constant): ArrayContents {
  return { name, shape, data: Float32Array.from(data) };
}

/** A matrix with its rows as columns. */
export function transposed({ shape: [rows, columns], data, ...rest }: Constant): Constant {
  const turned = Float32Array.from(
    { length: data.length },
    (_, n) => data[(n % rows) * columns + Math.floor(n / rows)],
  );
  return { ...rest, shape: [columns, rows], data: turned };
}
