import { describe, expect, test } from 'vitest';
import { derivedFromPartition, derivedFromSizes, partitionAmong } from '../../src/shaders/resident/partition.ts';
import { publishedWeightsStruct, workspaceStruct } from '../../src/shaders/resident/workspace.ts';
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

/** Formulas of override constants that the WGSL of a room derives from others. */
const formulas = (room: string) =>
  Object.entries(texts).flatMap(([path, text]) =>
    path.includes(`/${room}/`)
      ? [...text.matchAll(/^override (\w+) = (.+);/gm)].map(([, name, formula]) => [name, formula])
      : [],
  );

/** The value of a constant expression of WGSL, whose operators are those of JavaScript. */
function valueOf(expression: string, constants: Record<string, number>, derived: Record<string, string>): number {
  const numbers = expression.replace(/\b[A-Z]\w*/g, (name) =>
    String(constants[name] ?? valueOf(derived[name], constants, derived)),
  );
  const select = (otherwise: number, value: number, condition: boolean) => (condition ? value : otherwise);
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is the project's own, and numbers alone are left in it
  return new Function('select', 'max', `return ${numbers};`)(select, Math.max) as number;
}

describe.each([
  { threads: 1, ROWS: 1, STEPS: 1, INPUTS: 1, UNITS: 1, OUTPUTS: 1 },
  { threads: 4, ROWS: 3, STEPS: 7, INPUTS: 2, UNITS: 10, OUTPUTS: 3 },
  { threads: 28, ROWS: 5, STEPS: 4, INPUTS: 3, UNITS: 5, OUTPUTS: 2 },
  { threads: 128, ROWS: 2, STEPS: 3, INPUTS: 1, UNITS: 35, OUTPUTS: 1 },
])('the resident kernel with $threads threads and $UNITS units', ({ threads, ...sizes }) => {
  const partition = partitionAmong(threads, sizes);
  const constants = { ...sizes, ...partition };
  const derived = Object.fromEntries(formulas('resident'));

  test('derives the same constants in WGSL and in TypeScript', () => {
    const inTypeScript = { ...derivedFromSizes(sizes), ...derivedFromPartition(partition) };
    const inWgsl = Object.keys(inTypeScript).map((name) => [name, valueOf(name, constants, derived)]);
    expect(Object.fromEntries(inWgsl)).toEqual(inTypeScript);
  });

  test.each([publishedWeightsStruct(sizes, partition), workspaceStruct(sizes, partition)] as Struct[])(
    'has the fields of $name that WGSL declares, in the same order and of the same lengths',
    (declared) => {
      const [fields, ...others] = declarations(declared.name);
      const withLengths = fields.map(([field, type]) => [
        field,
        type.replace(/(?<=, )(.+)(?=>)/, (length) => String(valueOf(length, constants, derived))),
      ]);
      expect(withLengths).toEqual(fieldsOf(declared));
      expect(others).toEqual([]);
    },
  );
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
