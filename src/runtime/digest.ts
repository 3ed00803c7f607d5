/** A 32-bit hash of a text (FNV-1a, Fowler, Noll and Vo 1991). */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A 32-bit hash of a text in hexadecimal digits. */
export function digest(text: string): string {
  return inDigits(hash32(text));
}

/** A 32-bit hash of the bits of numbers, in hexadecimal digits. Each number that alone is another makes it another. */
export function digestOfNumbers(arrays: readonly Float32Array[]): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, length } of arrays) {
    for (const bits of new Uint32Array(buffer, byteOffset, length)) {
      hash = Math.imul(hash ^ bits, 0x85ebca6b);
      // Products carry upwards alone, so the upper half is brought down.
      hash ^= hash >>> 15;
    }
  }
  return inDigits(hash >>> 0);
}

function inDigits(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}
