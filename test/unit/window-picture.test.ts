import { describe, expect, test } from 'vitest';
import { makeData } from '../../demo/experiments/data/sequences.ts';
import { prepareSequences } from '../../demo/experiments/data/prepare-sequences.ts';
import {
  bestOf,
  LENGTHS,
  readView,
  rowsOf,
  sequenceOf,
  within,
  writeView,
  type View,
} from '../../demo/pictures/window/data.ts';
import { countsOf, meaningOf, windowText } from '../../demo/pictures/window/words.ts';

describe('the best accuracy', () => {
  test.each(LENGTHS)('with windows of %i is what the rows of the picture come to', (length) => {
    const rows = rowsOf(length);
    const right = rows.filter(({ isRight }) => isRight).length;
    expect(bestOf(length)).toMatchObject({ right, pieces: rows.length, accuracy: right / rows.length });
  });

  test('of single steps, of half a sequence and of all of it', () => {
    expect(bestOf(1)).toMatchObject({ right: 21, pieces: 40, accuracy: 0.525 });
    expect(bestOf(10)).toMatchObject({ right: 12, pieces: 22, accuracy: 12 / 22 });
    expect(bestOf(20)).toEqual({ right: 2, pieces: 2, accuracy: 1, loss: 0 });
    expect(countsOf(10, bestOf(10))).toBe('Windows of 10: at best 12 of 22 are answered right, 0.5455.');
  });

  test.each([1, 10, 19, 20])('is what a table of all windows of the test half gives, with windows of %i', (length) => {
    const { x, y } = makeData(19).test;
    const windows = prepareSequences(x, y, length);
    const ones = new Map<string, number[]>();
    for (const [index, target] of windows.y.data.entries()) {
      const numbers = String(windows.x.data.subarray(index * length, (index + 1) * length));
      ones.set(numbers, [...(ones.get(numbers) ?? []), target]);
    }
    const right = [...ones.values()].map((targets) => {
      const positive = targets.filter((target) => target === 1).length;
      return Math.max(positive, targets.length - positive);
    });
    expect(bestOf(length).accuracy).toBeCloseTo(right.reduce((a, b) => a + b) / windows.y.data.length, 12);
  });
});

describe('the windows', () => {
  test('are those of the sequence, each as long as it should be', () => {
    for (const { target, start, cells } of rowsOf(7)) expect(cells).toEqual(sequenceOf(target).slice(start, start + 7));
    expect(rowsOf(7).length).toBe(28);
  });

  test('that begin with the one are the only ones that can be told apart', () => {
    const sure = rowsOf(10).filter(({ isAlike }) => !isAlike);
    expect(sure.map(({ target, start }) => [target, start])).toEqual([[1, 0]]);
    expect(rowsOf(20).some(({ isAlike }) => isAlike)).toBe(false);
  });

  test('are counted in words', () => {
    expect(meaningOf(10)).toMatch(/^21 windows hold nothing but zeros, and 10 of them belong to a 1/);
    expect(meaningOf(19)).toMatch(/^3 windows hold nothing but zeros, and 1 of them belongs to a 1/);
    expect(meaningOf(20)).toMatch(/^Every window begins with the number that decides/);
  });
});

describe('the window that is picked out', () => {
  test('is certain where it holds the 1 alone, and everywhere if it is the whole sequence', () => {
    expect(windowText({ length: 10, start: 0, guess: 'none' })).toMatch(/^Steps 1 to 10: .* a 0 looks like any later/);
    expect(windowText({ length: 20, start: 0, guess: 'none' })).toMatch(/sees the number that decides\.$/);
    expect(windowText({ length: 1, start: 4, guess: 'none' })).toMatch(/^Step 5: .* only zeros/);
  });
});

describe('the view', () => {
  test.each<View>([
    { length: 10, start: 0, guess: 'none' },
    { length: 1, start: 19, guess: 'skipped' },
    { length: 20, start: 0, guess: 0.57 },
  ])('is read from the address as it was written: %o', (view) => {
    expect(readView(writeView(view))).toEqual(view);
  });

  test.each(['', '0.1', '21.1', '10.12', '10.0', '10', '10.1.x', '1e1.1'])('refuses %j', (text) => {
    expect(readView(text)).toBeUndefined();
  });

  test('keeps the window in the sequence', () => {
    expect(within({ length: 15, start: 9 })).toEqual({ length: 15, start: 5 });
    expect(within({ length: 30, start: -2 })).toEqual({ length: 20, start: 0 });
    expect(within({ length: 0, start: 25 })).toEqual({ length: 1, start: 19 });
  });
});
