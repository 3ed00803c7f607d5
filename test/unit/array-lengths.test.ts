import { expect, test } from 'vitest';
import { withLengths } from '../../src/runtime/array-lengths.ts';

const declare = (binding: number, type: string) =>
  `@group(0) @binding(${binding}) var<storage, read_write> values: array<${type}>;`;

test.each([
  ['numbers', 'f32', 80, 'f32, 20'],
  ['vectors', 'vec4f', 80, 'vec4f, 5'],
  ['no part of an element', 'vec4f', 72, 'vec4f, 4'],
  ['nothing for less than an element', 'vec4f', 12, 'vec4f'],
  ['nothing for structs', 'Row', 80, 'Row'],
])('a kernel gets the length of arrays of %s', (_, type, bytes, expected) => {
  expect(withLengths(declare(1, type), [0, bytes])).toBe(declare(1, expected));
});

test('the length of arrays of an alias, as a prelude defines it', () => {
  const text = `alias Stored = vec4<f16>;\n${declare(0, 'Stored')}\n${declare(1, 'f32')}`;
  expect(withLengths(text, [64, 64])).toBe(
    `alias Stored = vec4<f16>;\n${declare(0, 'Stored, 8')}\n${declare(1, 'f32, 16')}`,
  );
});
