/** A 32-bit hash of a text in hexadecimal digits (FNV-1a, Fowler, Noll and Vo 1991). */
export function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
