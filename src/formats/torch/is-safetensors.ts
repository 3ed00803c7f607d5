/** The bytes before the header, which tell its length. */
export const LENGTH_BYTES = 8;

/** The longest header that safetensors itself reads or writes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Whether a file begins as a safetensors file does: with a length that is possible, and the bracket of an object. */
export function isSafetensors(file: Uint8Array): boolean {
  const begin = file.subarray(0, LENGTH_BYTES + 1);
  return begin.length > LENGTH_BYTES && headerLength(begin) <= MAX_HEADER_BYTES && begin[LENGTH_BYTES] === 0x7b;
}

/** The length of the header, of which the file must have the bytes that tell it. */
export function headerLength({ buffer, byteOffset }: Uint8Array): number {
  return Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
}
