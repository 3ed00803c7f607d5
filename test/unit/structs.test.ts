import { describe, expect, test } from 'vitest';
import { array, f32, struct, StructArray, u32, vec2f, vec4f, type Struct } from '../../src/runtime/struct.ts';

const modules = import.meta.glob<Record<string, unknown>>('../../src/shaders/**/*.ts', { eager: true });
const texts = import.meta.glob<string>('../../src/shaders/*/*.wgsl', { eager: true, query: '?raw', import: 'default' });

const isStruct = (value: unknown): value is Struct =>
  typeof value === 'object' && value !== null && 'fields' in value && 'offsets' in value;
const structs = Object.values(modules).flatMap((module) => Object.values(module).filter(isStruct));

/** Name and type of each field, for each struct of WGSL with this name. */
function declarations(name: string): [string, string][][] {
  const bodies = Object.values(texts).flatMap((text) => [...text.matchAll(/^struct (\w+) \{\n([^}]+)\}/gm)]);
  return bodies
    .filter(([, declared]) => declared === name)
    .map(([, , body]) =>
      [...body.matchAll(/^ {2}(\w+): (.+?),(?: *\/\/.*)?$/gm)].map(([, field, type]) => [field, type]),
    );
}

const fieldsOf = ({ fields }: Struct) => Object.entries(fields).map(([field, { name }]) => [field, name]);

test.each(structs)('$name has the fields that WGSL declares, in the same order', (declared) => {
  expect(declarations(declared.name)).toEqual([fieldsOf(declared)]);
});

test('every struct that a kernel is bound to stands in TypeScript', () => {
  const all = (pattern: RegExp) =>
    Object.values(texts).flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name));
  const bound = all(/var<(?:uniform|storage.*)> \w+: (?:array<)?([A-Z]\w+)/g);
  const aliases = all(/^alias (\w+)/gm);
  const named = structs.map(({ name }) => name);
  expect(new Set(bound.filter((type) => !aliases.includes(type)))).toEqual(new Set(named));
});

describe('the layout of a struct', () => {
  test('is that of WGSL: fields at multiples of their alignment, and a size that is one of the largest', () => {
    const inner = struct('Inner', { a: vec4f, b: f32 });
    const outer = struct('Outer', { n: u32, v: vec2f, list: array(f32, 3), one: inner, last: array(inner, 2), e: f32 });
    expect(inner).toMatchObject({ size: 32, align: 16, offsets: { a: 0, b: 16 } });
    expect(outer.offsets).toEqual({ n: 0, v: 8, list: 16, one: 32, last: 64, e: 128 });
    expect(outer).toMatchObject({ size: 144, align: 16 });
    expect(outer.fields.last.name).toBe('array<Inner, 2>');
  });
});

describe('an array of structs', () => {
  const pair = struct('Pair', { count: u32, share: f32 });

  test('takes whole numbers of 32 bits and floats, field by field or all together', () => {
    const pairs = new StructArray(pair, 3);
    pairs.set.share(0, 0.5);
    pairs.set.count(1, 2 ** 32 - 1);
    pairs.write(2, { share: -1, count: 7 });
    const bytes = new DataView(pairs.first(3).buffer);
    expect([0, 8, 16].map((byte) => bytes.getUint32(byte, true))).toEqual([0, 2 ** 32 - 1, 7]);
    expect([4, 12, 20].map((byte) => bytes.getFloat32(byte, true))).toEqual([0.5, 0, -1]);
  });

  test('can have gaps, and gives the words of the first structs', () => {
    const pairs = new StructArray(pair, 3, 16);
    pairs.set.count(1, 5);
    expect([...pairs.first(2)]).toEqual([0, 0, 0, 0, 5, 0, 0, 0]);
  });
});
