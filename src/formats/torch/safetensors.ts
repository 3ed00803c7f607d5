import { ValueError, type Shape } from '../../index.ts';
import { fromFloat16s } from '../float16.ts';
import { parseJson, show, type JsonValue } from '../reading.ts';
import { elementsOf } from '../shape.ts';
import { headerLength, LENGTH_BYTES, MAX_HEADER_BYTES } from './is-safetensors.ts';

/** An array of a safetensors file. */
export interface SafeTensor {
  readonly name: string;
  /** The type of its numbers, such as `F32`. */
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All that a safetensors file holds. */
export interface SafeTensors {
  readonly tensors: readonly SafeTensor[];
  /** Texts by their names. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The most arrays: large language models have some thousands. */
const MAX_TENSORS = 10_000;
const METADATA = '__metadata__';

/** The types of numbers, which their names tell the bits of. */
const DTYPES = [
  'F32',
  'F16',
  'BF16',
  'F64',
  'F8_E5M2',
  'F8_E4M3',
  'I8',
  'U8',
  'I16',
  'U16',
  'I32',
  'U32',
  'I64',
  'U64',
  'BOOL',
];
const bytesOf = (dtype: string) => Number(/\d+/.exec(dtype) ?? 8) / 8;

/**
 * Reads a safetensors file. Its arrays are views of its bytes.
 *
 * @throws ValueError unless the arrays fill the file, one after the other, as the header says
 */
export function readSafetensors(where: string, file: Uint8Array<ArrayBuffer>): SafeTensors {
  const rest = file.length - LENGTH_BYTES;
  if (rest < 0) throw new ValueError(`${where}: it has ${file.length} bytes, expected the length of a header in 8.`);
  const length = headerLength(file);
  if (length > Math.min(rest, MAX_HEADER_BYTES)) {
    throw new ValueError(
      `${where}: the header should have ${length} bytes, but the file has ${file.length} in all. Is it complete, and is it ` +
        `a safetensors file?`,
    );
  }
  const header = parseJson(where, 'header', file.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const data = file.subarray(LENGTH_BYTES + length);
  const names = header.keys().filter((name) => name !== METADATA);
  if (names.length > MAX_TENSORS) {
    throw new ValueError(`${where}: it holds ${names.length} arrays, expected at most ${MAX_TENSORS}.`);
  }
  const placed = names.map((name) => placedTensor(header.get(name), name, data));
  assertFilled(where, placed, data.length);
  return { tensors: placed.map(({ tensor }) => tensor), metadata: metadataOf(header) };
}

interface Placed {
  readonly tensor: SafeTensor;
  readonly begin: number;
  readonly end: number;
}

function placedTensor(entry: JsonValue, name: string, data: Uint8Array<ArrayBuffer>): Placed {
  entry.onlyKeys(['dtype', 'shape', 'data_offsets']);
  const dtype = entry.get('dtype').oneOf(DTYPES);
  const shape = entry.get('shape').wholeNumbers();
  const offsets = entry.get('data_offsets');
  const [begin, end, ...others] = offsets.wholeNumbers();
  if (end === undefined || others.length > 0 || begin > end || end > data.length) {
    offsets.fail(`[begin, end) within the ${data.length} bytes behind the header`, 'Is the file complete?');
  }
  const bytes = elementsOf(shape) * bytesOf(dtype);
  if (end - begin !== bytes) offsets.fail(`${bytes} bytes, as its shape and its dtype ${dtype} need`);
  return { tensor: { name, dtype, shape, bytes: data.subarray(begin, end) }, begin, end };
}

/** @throws ValueError if a byte belongs to no array, or to two */
function assertFilled(where: string, placed: readonly Placed[], length: number): void {
  let filled = 0;
  for (const { tensor, begin, end } of placed.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== filled) {
      throw new ValueError(
        `${where}: array ${show(tensor.name)} begins at byte ${begin} behind the header, expected ${filled}, where the ` +
          `one before it ends.`,
      );
    }
    filled = end;
  }
  if (filled === length) return;
  throw new ValueError(`${where}: the arrays end at byte ${filled} behind the header, expected its end at ${length}.`);
}

function metadataOf(header: JsonValue): Map<string, string> {
  const metadata = header.optional(METADATA);
  return new Map(metadata?.keys().map((key) => [key, metadata.get(key).text()]));
}

/** The numbers of an array. @throws ValueError if they are of a type that float32 does not hold exactly */
export function numbersOf(where: string, { name, dtype, bytes }: SafeTensor): Float32Array<ArrayBuffer> {
  const { buffer } = bytes.slice();
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return fromFloat16s(new Uint16Array(buffer));
  if (dtype === 'BF16') {
    // The 16 bits are the upper ones of float32: on a little-endian machine those with odd indices.
    const halves = new Uint16Array(bytes.length);
    new Uint16Array(buffer).forEach((bits, n) => (halves[2 * n + 1] = bits));
    return new Float32Array(halves.buffer);
  }
  throw new ValueError(
    `${where}: ${show(name)} has dtype ${dtype}, expected F32, F16 or BF16. In PyTorch, save model.float().state_dict().`,
  );
}

/** Writes float32 arrays as a safetensors file, ordered by their names. */
export function writeSafetensors(
  arrays: readonly { name: string; shape: Shape; data: Float32Array<ArrayBuffer> }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const sorted = arrays.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  let end = 0;
  const entries = sorted.map(({ name, shape, data }): [string, object] => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }];
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, metadata], ...entries])));
  const length = 8 * Math.ceil(text.length / 8);
  const file = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, LENGTH_BYTES);
  file.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + length);
  let place = LENGTH_BYTES + length;
  for (const { data } of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}
