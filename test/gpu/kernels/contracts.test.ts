import { describe, expect, test } from 'vitest';
import type { BindingUse, KernelContract } from '../../../src/runtime/kernel.ts';

const modules = import.meta.glob<Record<string, unknown>>('../../../src/shaders/*.ts', { eager: true });
const files = import.meta.glob<string>('../../../src/shaders/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

const isKernel = (value: unknown): value is KernelContract =>
  typeof value === 'object' && value !== null && 'bindings' in value;
/** WGSL wants `enable` before all else. */
const isHalf = ({ preludes = [] }: KernelContract) => /^(\/\/.*\n|\n)*enable f16;/.test(preludes[0] ?? '');
/** Of an export that is a kernel, or one for each precision: all of them. */
const kernelsIn = (value: unknown): KernelContract[] =>
  isKernel(value) ? [value] : Object.values(value as object).filter(isKernel);
const exported = Object.values(modules)
  .flatMap((module) => Object.values(module).map(kernelsIn))
  .filter((kernels) => kernels.length > 0);
/** Those of one name differ in what they store numbers in, so they need names for the titles of tests. */
const kernels = exported.flatMap((all) =>
  all.map((kernel) => ({ ...kernel, title: isHalf(kernel) ? `${kernel.name} in half precision` : kernel.name })),
);

/** The address space and access of each use. */
const SPACES: Record<BindingUse, string> = {
  read: 'storage, read',
  'read-write': 'storage, read_write',
  frame: 'uniform',
};

/** Every match of a pattern's groups. */
const all = (source: string, pattern: RegExp): string[][] =>
  [...source.matchAll(pattern)].map(([, ...groups]) => groups);

test('every WGSL file has one contract, or one for each precision, named as the file', () => {
  const named = Object.keys(files).map((path) => path.match(/([^/]+)\.wgsl$/)?.[1]);
  expect(new Set(kernels.map(({ name }) => name))).toEqual(new Set(named));
  expect(exported).toHaveLength(named.length);
  expect(new Set(kernels.map(({ title }) => title)).size).toBe(kernels.length);
});

test('a kernel for each precision is the same but for what it stores numbers in', () => {
  for (const [float32, float16] of exported.filter(({ length }) => length > 1)) {
    const [of32 = [], of16 = []] = [float32.preludes, float16.preludes];
    expect({ ...float16, preludes: of16.slice(1) }).toEqual({ ...float32, preludes: of32.slice(1) });
    expect([isHalf(float32), isHalf(float16)]).toEqual([false, true]);
  }
});

describe.each(kernels)('$title', ({ name, source, preludes = [], bindings, constants }) => {
  const code = [...preludes, source].join('\n');

  test('declares the bindings of its contract, in order', () => {
    const declared = all(code, /@group\((\d)\) @binding\((\d+)\) var<([^>]+)> (\w+)/g);
    const expected = Object.entries(bindings).map(([key, use], index) => ['0', String(index), SPACES[use], key]);
    expect(declared).toEqual(expected);
  });

  test('declares the override constants of its contract, no more and no fewer', () => {
    // Those with a value are worked out from the others.
    const declared = all(code, /^override (\w+):/gm).flat();
    expect(new Set(declared)).toEqual(new Set(constants));
    expect(declared).toHaveLength(constants.length);
  });

  test('is the file of its name, under a header in the agreed order', () => {
    const text = files[`../../../src/shaders/${name}.wgsl`];
    expect(source).toBe(text);
    const [header] = text.split(/\n(?!\/\/)/, 1);
    // Sentence (one or two lines), blank, formula, blank, and the four headings; continuation lines are indented.
    const shape =
      /^(\/\/ \S.*\n){1,2}\/\/\n(\/\/   +\S.*\n)+\/\/\n\/\/ Shapes {3}.+\n(\/\/ {10}.+\n)*\/\/ Threads {2}.+\n(\/\/ {10}.+\n)*\/\/ Hazards {2}.+\n(\/\/ {10}.+\n)*\/\/ Source {3}.+$/;
    expect(header).toMatch(shape);
  });
});
