import { expect, test } from 'vitest';
import { markedPure } from '../../packaging/mark-pure.ts';
import { minifiedWgsl, shortNames } from '../../packaging/minified-wgsl.ts';
import { withLengths } from '../../src/runtime/array-lengths.ts';
import { sourceOf, type KernelContract } from '../../src/runtime/kernel.ts';
import { specialized } from '../../src/runtime/specialize.ts';

const texts = import.meta.glob<string>('../../src/shaders/*/*.wgsl', { eager: true, query: '?raw', import: 'default' });
const modules = import.meta.glob<Record<string, unknown>>('../../src/shaders/**/*.ts', { eager: true });

const names = shortNames(Object.values(texts));
const originals = new Map([...names].map(([name, short]) => [short, name]));

/** What a compiler reads of WGSL: words, numbers and operators. */
const tokens = (text: string) => text.replace(/\/\/.*/g, '').match(/[\w.]+|[<>=!]=|([-+&|])\1|->|\S/g);
const words = (text: string) => text.replace(/\/\/.*/g, '').match(/\b[A-Za-z_]\w*/g) ?? [];
/** Minified WGSL with the names that it had before. */
const readable = (minified: string) => minified.replace(/\b[A-Za-z_]\w*/g, (word) => originals.get(word) ?? word);

test('short names are as many as the names they stand for, and none of them is a word of the texts', () => {
  expect(names.size).toBeGreaterThan(400);
  expect(originals.size).toBe(names.size);
  const used = new Set(Object.values(texts).flatMap(words));
  expect([...originals.keys()].filter((short) => used.has(short))).toEqual([]);
});

test('names by which others know them stay, and so do the functions and types of WGSL', () => {
  const [first, second] = ['struct Own {\n first: f32,\n x: f32,\n}', 'override SIZE: u32;\nvar<private> all = Own();'];
  const bound = '@group(0) @binding(0) var<storage, read> bound: array<Own>;';
  const used =
    'fn own(size: u32, e: f32) -> bool {\n  let a = own_size;\n  return all(vec2f(e) < vec2f(bound[size].first));\n}';
  const short = shortNames([first, second, bound, used, 'fn main(@builtin(size) size: u32) {\n  // comment: none\n}']);
  expect([...short.keys()].sort()).toEqual(['Own', 'e', 'first', 'own']);
  expect(minifiedWgsl(second, short)).toBe(`override SIZE: u32;\nvar<private>all=${short.get('Own')}();`);
  expect(minifiedWgsl('  x = a - -b; // why\n  y = a / *b;', short)).toBe('x=a- -b;\ny=a/ *b;');
});

test.each(Object.entries(texts))('%s has the same tokens on the same lines once it is minified', (_, text) => {
  const minified = minifiedWgsl(text, names);
  const lines = text.split('\n');
  expect(readable(minified).split('\n').map(tokens)).toEqual(lines.map(tokens));
  expect(minified).not.toMatch(/\/\/(?! unrolled\n)|^[ \t]/m);
  expect(minified.length).toBeLessThan(text.length);
});

const variantsIn = (value: unknown): KernelContract[] => {
  if (typeof value !== 'object' || value === null) return [];
  return 'bindings' in value ? [value as KernelContract] : Object.values(value).flatMap(variantsIn);
};
const kernels = Object.values(modules).flatMap(variantsIn);

test.each(kernels)('$name is specialized alike with minified texts', (kernel) => {
  const { source, preludes = [], bindings, constants } = kernel;
  const minifiedOf = (text: string) => minifiedWgsl(text, names);
  const minified = { ...kernel, source: minifiedOf(source), preludes: preludes.map(minifiedOf) };
  const bytes = Object.fromEntries(Object.keys(bindings).map((name) => [name, 1024]));
  const twos = { ...Object.fromEntries(constants.map((name) => [name, 2])), PERSISTENT_UNITS: 4 };
  const codeOf = (each: KernelContract) => specialized(withLengths(sourceOf(each), bytes), twos);
  expect(tokens(readable(codeOf(minified)))).toEqual(tokens(codeOf(kernel)));
});

test('top-level constants are marked as pure where a bundler cannot tell, and mean the same', () => {
  const code = [
    `const two = 2, bytes = 4 * 2 ** 20, list = [...[1, 2], two], lazy = () => list.concat(3);`,
    `const last = { … : list.at(-1) };`.replace('…', `'…'`),
    `function sum() { const inner = list.at(0); return inner + two; }`,
    `export { last, lazy, list, sum };`,
  ].join('\n');
  expect(markedPure(code).split('\n')).toEqual([
    `const two = 2, bytes = /* @__PURE__ */ (() => (4 * 2 ** 20))(), list = /* @__PURE__ */ (() => ([...[1, 2], two]))(), lazy = () => list.concat(3);`,
    `const last = /* @__PURE__ */ (() => ({ '…' : list.at(-1) }))();`,
    `function sum() { const inner = list.at(0); return inner + two; }`,
    `export { last, lazy, list, sum };`,
  ]);
});

test('a top-level constant that awaits is refused, since the mark would put its await into a function', () => {
  expect(() => markedPure(`const gpu = await find();`)).toThrow('mark-pure: a top-level constant awaits: await find()');
  expect(() => markedPure(`const all = [1, await find]; export { all };`)).toThrow('awaits');
  expect(markedPure(`const find = async () => await look();`)).toBe(`const find = async () => await look();`);
});
