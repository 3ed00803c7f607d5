import { expect, test } from 'vitest';
import { withLengths } from '../../src/runtime/array-lengths.ts';

const declare = (name: string, type: string) =>
  `@group(0) @binding(1) var<storage, read_write> ${name}: array<${type}>;`;

test.each([
  ['numbers', 'f32', 80, 'f32, 20'],
  ['vectors', 'vec4f', 80, 'vec4f, 5'],
  ['no part of an element', 'vec4f', 72, 'vec4f, 4'],
  ['nothing for less than an element', 'vec4f', 12, 'vec4f'],
  ['nothing for structs', 'Row', 80, 'Row'],
])('a kernel gets the length of an array of %s', (_, type, bytes, expected) => {
  expect(withLengths(declare('values', type), { values: bytes })).toBe(declare('values', expected));
});

test('of an alias, as a prelude defines it, and only of the arrays that are named', () => {
  const text = (stored: string) =>
    `alias WeightVector = vec4<f16>;\n${declare('h', 'f32')}\n${declare('weights', stored)}`;
  expect(withLengths(text('WeightVector'), { weights: 64 })).toBe(text('WeightVector, 8'));
});
