/** Numbers of half precision from their bits; float32 holds all of them exactly. */
export function fromFloat16s(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(bits.length);
  bits.forEach((each, n) => (numbers[n] = fromFloat16(each)));
  return numbers;
}

/** A number of half precision (IEEE 754 binary16) from its bits. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
