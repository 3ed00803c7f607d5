import { expect, test } from 'vitest';
import { writtenOut } from '../../src/runtime/written-out.ts';

const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

test('overrides become constants, those that follow from others too', () => {
  const text = 'override ROWS: u32; // of a batch\noverride SHARE: f32;\noverride CELLS = ROWS * 3;\nlet x = ROWS;';
  expect(writtenOut(text, { ROWS: 5, SHARE: 0.25 })).toBe(
    'const ROWS: u32 = 5; // of a batch\nconst SHARE: f32 = 0.25;\nconst CELLS = ROWS * 3;\nlet x = ROWS;',
  );
});

test('a loop becomes its body so many times, and one without the mark stays', () => {
  const text = `
    for (var n = 0u; n < ROWS; n++) { // written out
      sum += a[n];
    }
    for (var n = 0u; n < ROWS; n++) {
      sum += b[n];
    }`;
  expect(flat(writtenOut(text, { ROWS: 2 }))).toBe(
    '{ const n = 0u; sum += a[n]; } { const n = 1u; sum += a[n]; } for (var n = 0u; n < ROWS; n++) { sum += b[n]; }',
  );
});

test('so does a loop in a loop, with a number for its count, and nothing where the count is 0', () => {
  const text = `
    for (var i = 0u; i < EACH; i++) { // written out
      if (i > 0) { x = 0; } // a comment that must not swallow the rest
      for (var e = 0u; e < 2; e++) { // written out
        v[i][e] = 1;
      }
    }`;
  const inner = (i: number) =>
    `{ const i = ${i}u; if (i > 0) { x = 0; } { const e = 0u; v[i][e] = 1; } { const e = 1u; v[i][e] = 1; } }`;
  const withoutComments = (code: string) => flat(code.replace(/\/\/.*$/gm, ''));
  expect(withoutComments(writtenOut(text, { EACH: 2 }))).toBe(`${inner(0)} ${inner(1)}`);
  expect(withoutComments(writtenOut(text, { EACH: 0 }))).toBe('');
});

test('lines keep their numbers, for messages of the compiler', () => {
  const text = 'for (var n = 0u; n < 3; n++) { // written out\n  a[n] = 1;\n}\nlast';
  const lines = writtenOut(text, {}).split('\n');
  expect(lines[1].trim()).toBe('a[n] = 1;');
  expect(lines[3]).toBe('last');
});

test('a count that is no constant of the kernel is refused', () => {
  const text = 'for (var n = 0u; n < MANY; n++) { // written out\n}';
  expect(() => writtenOut(text, { ROWS: 1 })).toThrow('MANY');
});
