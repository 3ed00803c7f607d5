/** Bytes from one element of a bound array to the next. */
const ELEMENT_BYTES: Record<string, number> = { f32: 4, u32: 4, vec4f: 16, 'vec4<f16>': 8 };

const BOUND_ARRAY = /@binding\((\d+)\)\s+var<storage[^>]*>\s+\w+:\s+array<(\w+)(?=>;)/g;
const ALIAS = /\balias (\w+) = ([^;]+);/g;

/**
 * A kernel's WGSL with the lengths of the arrays it is bound to: `array<f32>` on 80 bytes becomes `array<f32, 20>`.
 * Arrays of structs, and those that are bound to less than an element, stay as they are.
 *
 * @param bytes how many binding n is bound to
 */
export function withLengths(source: string, bytes: readonly number[]): string {
  const aliases = new Map([...source.matchAll(ALIAS)].map(([, name, type]) => [name, type]));
  return source.replace(BOUND_ARRAY, (declaration: string, binding: string, type: string) => {
    const length = Math.floor(bytes[Number(binding)] / ELEMENT_BYTES[aliases.get(type) ?? type]);
    return length > 0 ? `${declaration}, ${length}` : declaration;
  });
}
