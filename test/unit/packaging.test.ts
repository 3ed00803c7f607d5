import { expect, test } from 'vitest';
import { markedPure } from '../../packaging/mark-pure.ts';
import { minifiedWgsl } from '../../packaging/minify-wgsl.ts';
import { withLengths } from '../../src/runtime/array-lengths.ts';
import { sourceOf, type KernelContract } from '../../src/runtime/kernel.ts';
import { specialized } from '../../src/runtime/specialize.ts';

const texts = import.meta.glob<string>('../../src/shaders/*/*.wgsl', { eager: true, query: '?raw', import: 'default' });
const modules = import.meta.glob<Record<string, unknown>>('../../src/shaders/**/*.ts', { eager: true });

/** What a compiler reads of WGSL: words, numbers and signs. */
const tokens = (text: string) => text.replace(/\/\/.*/g, '').match(/[\w.]+|\S/g);

test.each(Object.entries(texts))('%s has the same tokens on the same lines once it is minified', (_, text) => {
  const minified = minifiedWgsl(text);
  const lines = text.split('\n');
  expect(minified.split('\n').map(tokens)).toEqual(lines.map(tokens));
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
  const minified = { ...kernel, source: minifiedWgsl(source), preludes: preludes.map(minifiedWgsl) };
  const bytes = Object.fromEntries(Object.keys(bindings).map((name) => [name, 1024]));
  const twos = { ...Object.fromEntries(constants.map((name) => [name, 2])), PERSISTENT_UNITS: 4 };
  const codeOf = (each: KernelContract) => specialized(withLengths(sourceOf(each), bytes), twos);
  expect(tokens(codeOf(minified))).toEqual(tokens(codeOf(kernel)));
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
