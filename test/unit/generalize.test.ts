import { expect, test } from 'vitest';
import { generalVariantOf } from '../../src/runtime/generalize.ts';
import { defineKernel, type KernelContract } from '../../src/runtime/kernel.ts';

const limits = {} as GPUSupportedLimits;

const kernel = defineKernel({
  name: 'test',
  source: [
    '@group(0) @binding(0) var<storage, read_write> a: array<f32>;',
    'override UNITS: u32;',
    'override ROWS: u32; // of the batch',
    'fn last() -> u32 { return ROWS * UNITS - 1 + SUPER_ROWS(); }',
  ].join('\n'),
  preludes: ['override STEPS: u32;\nfn SUPER_ROWS() -> u32 { return STEPS + ROWS; }'],
  bindings: { a: 'read-write' },
  fixedLengths: 'all',
  constants: ['UNITS', 'ROWS', 'STEPS'],
  sizes: ['ROWS', 'STEPS'],
  grid: ({ ROWS, UNITS }) => [ROWS, UNITS, 1],
}) as unknown as KernelContract;

test('sizes are read from a uniform behind the other bindings, and lines keep their numbers', () => {
  const { kernel: general, ...rest } = generalVariantOf(
    kernel,
    { constants: { UNITS: 3, ROWS: 5, STEPS: 7 }, grid: [1, 2, 3] },
    limits,
  )!;
  expect(rest).toEqual({ constants: { UNITS: 3 }, sizes: [5, 7], grid: [1, 2, 3] });
  expect(general.bindings).toEqual({ a: 'read-write', sizes: 'uniform' });
  expect(general.fixedLengths).toEqual([]);
  expect(general.preludes).toEqual([
    'struct Sizes { ROWS: u32, STEPS: u32 }\n@group(0) @binding(1) var<uniform> sizes: Sizes;',
    '\nfn SUPER_ROWS() -> u32 { return sizes.STEPS + sizes.ROWS; }',
  ]);
  expect(general.source.split('\n').slice(1)).toEqual([
    'override UNITS: u32;',
    ' // of the batch',
    'fn last() -> u32 { return sizes.ROWS * UNITS - 1 + SUPER_ROWS(); }',
  ]);
});

test('a constant that WGSL computes from sizes is computed where it is used, in all texts of the kernel', () => {
  const { kernel: general } = generalVariantOf(
    {
      ...kernel,
      preludes: ['const CELLS=ROWS*2;', 'const OTHER = UNITS + 1;'],
      source: 'override ROWS: u32;\noverride UNITS: u32;\nfn f() -> u32 { return 3 * CELLS + OTHER; }',
    },
    { constants: { UNITS: 3, ROWS: 5, STEPS: 7 }, grid: [1, 1, 1] },
    limits,
  )!;
  expect(general.preludes!.slice(1)).toEqual(['', 'const OTHER = UNITS + 1;']);
  expect(general.source).toContain('return 3 * (sizes.ROWS*2) + OTHER;');
});

test('all shapes share one general kernel', () => {
  const of = (ROWS: number) =>
    generalVariantOf(kernel, { constants: { UNITS: 3, ROWS, STEPS: 7 }, grid: [1, 1, 1] }, limits)!;
  expect(of(5).kernel).toBe(of(6).kernel);
  expect(of(5).constants).toEqual(of(6).constants);
  expect(of(5).sizes).not.toEqual(of(6).sizes);
});

test('constants that are chosen by sizes have one value in the general kernel, with its own grid', () => {
  const chosen = { ...kernel, generalConstants: () => ({ UNITS: 8 }) };
  const general = generalVariantOf(chosen, { constants: { UNITS: 3, ROWS: 5, STEPS: 7 }, grid: [9, 9, 9] }, limits)!;
  expect(general).toMatchObject({ constants: { UNITS: 8 }, sizes: [5, 7], grid: [5, 8, 1] });
});

test('a kernel without sizes has no general variant', () => {
  expect(generalVariantOf({ ...kernel, sizes: undefined }, { constants: {}, grid: [1, 1, 1] }, limits)).toBeUndefined();
});
