/** A 32-bit hash of a text (FNV-1a, Fowler, Noll and Vo 1991). */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A 32-bit hash of a text in hexadecimal digits. */
export function digest(text: string): string {
  return hash32(text).toString(16).padStart(8, '0');
}
