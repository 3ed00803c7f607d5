/** The wire types of the fields of a ModelProto, by their numbers in onnx.proto. */
const FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};

/** The wire type of values that begin with their length. */
const BYTES = 2;

/** The field that holds the graph. */
const GRAPH = 7;

/**
 * Whether a file is ONNX. Such a file has no mark of its own: it begins with fields of a ModelProto, of which one is the graph.
 */
export function isOnnx(file: Uint8Array): boolean {
  for (let at = 0; at < file.length;) {
    const tag = varint(file, at);
    if (!tag || tag.value > 0xff) return false;
    const [field, type] = [tag.value >>> 3, tag.value & 7];
    const value = varint(file, tag.end);
    if (FIELDS[field] !== type || !value) return false;
    if (field === GRAPH) return true;
    at = value.end + (type === BYTES ? value.value : 0);
  }
  return false;
}

/** A whole number of at most ten bytes, of 7 bits each; `undefined` if it does not end. */
function varint(file: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let n = 0; n < 10 && start + n < file.length; n++) {
    value += (file[start + n] & 0x7f) * 2 ** (7 * n);
    if (file[start + n] < 0x80) return { value, end: start + n + 1 };
  }
  return undefined;
}
