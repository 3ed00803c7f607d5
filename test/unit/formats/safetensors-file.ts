/** An array of a safetensors file as a test gives it: its numbers as float32, or the bytes of another type. */
export interface GivenTensor {
  name: string;
  shape: readonly number[];
  data?: ArrayLike<number>;
  dtype?: string;
  bytes?: Uint8Array;
}

/** A safetensors file as its specification has it, which no other code wrote. */
export function safetensorsFile(tensors: readonly GivenTensor[], metadata?: object): Uint8Array<ArrayBuffer> {
  let end = 0;
  const parts: Uint8Array[] = [];
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const {
    name,
    shape,
    data = [],
    dtype = 'F32',
    bytes = new Uint8Array(Float32Array.from(data).buffer),
  } of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, (end += bytes.length)] };
    parts.push(bytes);
  }
  return withHeader(
    JSON.stringify(header),
    parts.flatMap((part) => [...part]),
  );
}

export function withHeader(
  header: string,
  data: ArrayLike<number> = [],
  length = new TextEncoder().encode(header).length,
): Uint8Array<ArrayBuffer> {
  const begin = new Uint8Array(8);
  new DataView(begin.buffer).setBigUint64(0, BigInt(length), true);
  return Uint8Array.from([...begin, ...new TextEncoder().encode(header), ...Array.from(data)]);
}
