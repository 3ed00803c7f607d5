/** The sizes of bindings in bytes, by their names. */
export type ArrayBytes = Readonly<Record<string, number>>;

/** Bytes from one element of a bound array to the next. */
const ELEMENT_BYTES: Record<string, number> = { f32: 4, u32: 4, vec4f: 16, 'vec4<f16>': 8 };

const BOUND_ARRAY = /var<storage[^>]*>\s+(\w+):\s+array<(\w+)(?=>;)/g;
const ALIAS = /\balias (\w+) = ([^;]+);/g;

/**
 * Declares a kernel's bindings as fixed-size arrays: `array<f32>` bound to 80 bytes becomes `array<f32, 20>`. Arrays of
 * structs, and arrays bound to less than an element, stay as they are.
 */
export function withLengths(source: string, bytes: ArrayBytes): string {
  const aliases = new Map([...source.matchAll(ALIAS)].map(([, name, type]) => [name, type]));
  return source.replace(BOUND_ARRAY, (declaration: string, name: string, type: string) => {
    const length = Math.floor(bytes[name] / ELEMENT_BYTES[aliases.get(type) ?? type]);
    return length > 0 ? `${declaration}, ${length}` : declaration;
  });
}
