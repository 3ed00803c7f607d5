import { expect, test } from 'vitest';
import { specialized } from '../../src/runtime/specialize.ts';

const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

test('overrides become constants, those that follow from others too', () => {
  const text = 'override ROWS: u32; // of a batch\noverride SHARE: f32;\noverride CELLS = ROWS * 3;\nlet x = ROWS;';
  expect(specialized(text, { ROWS: 5, SHARE: 0.25 })).toBe(
    'const ROWS: u32 = 5; // of a batch\nconst SHARE: f32 = 0.25;\nconst CELLS = ROWS * 3;\nlet x = ROWS;',
  );
});

test('a marked loop is unrolled, and one without the mark stays', () => {
  const text = `
    for (var n = 0u; n < ROWS; n++) { // unrolled
      sum += a[n];
    }
    for (var n = 0u; n < ROWS; n++) {
      sum += b[n];
    }`;
  expect(flat(specialized(text, { ROWS: 2 }))).toBe(
    '{ const n = 0u; sum += a[n]; } { const n = 1u; sum += a[n]; } for (var n = 0u; n < ROWS; n++) { sum += b[n]; }',
  );
});

test('nested loops are unrolled, bounds may be numbers, and a bound of 0 leaves nothing', () => {
  const text = `
    for (var i = 0u; i < EACH; i++) { // unrolled
      if (i > 0) { x = 0; } // a comment that must not swallow the rest
      for (var e = 0u; e < 2; e++) { // unrolled
        v[i][e] = 1;
      }
    }`;
  const inner = (i: number) =>
    `{ const i = ${i}u; if (i > 0) { x = 0; } { const e = 0u; v[i][e] = 1; } { const e = 1u; v[i][e] = 1; } }`;
  const withoutComments = (code: string) => flat(code.replace(/\/\/.*$/gm, ''));
  expect(withoutComments(specialized(text, { EACH: 2 }))).toBe(`${inner(0)} ${inner(1)}`);
  expect(withoutComments(specialized(text, { EACH: 0 }))).toBe('');
});

test('lines keep their numbers, for messages of the compiler', () => {
  const text = 'for (var n = 0u; n < 3; n++) { // unrolled\n  a[n] = 1;\n}\nlast';
  const lines = specialized(text, {}).split('\n');
  expect(lines[1].trim()).toBe('a[n] = 1;');
  expect(lines[3]).toBe('last');
});

test('a bound that is no constant of the kernel is refused', () => {
  const text = 'for (var n = 0u; n < MANY; n++) { // unrolled\n}';
  expect(() => specialized(text, { ROWS: 1 })).toThrow('MANY');
});
