import { describe, expect, test } from 'vitest';
import { signedFigure } from '../../demo/page/figures.ts';
import {
  FIRST,
  flipped,
  LENGTH,
  moved,
  NOTATION,
  readTape,
  STEPS,
  type Mode,
} from '../../demo/pictures/memory-tape/data.ts';
import { loadTraining } from '../../demo/pictures/memory-tape/recorded.ts';
import { captionOf, tableOf } from '../../demo/pictures/memory-tape/words.ts';

const recorded = await loadTraining();
const trained = recorded[recorded.length - 1].weights;
const caption = (state: Partial<typeof FIRST>, weights = trained) => {
  const whole = { ...FIRST, ...state };
  const { count, why } = captionOf(whole, readTape(weights, whole));
  return `${count}: ${why}`;
};

describe('the recorded network', () => {
  test('was recorded before its training and at six moments of it', () => {
    expect(recorded.map(({ seen }) => seen)).toEqual([0, 20, 60, 120, 200, 400, 1000]);
  });

  test.each([
    ['reset', /^60 of 60 right: each sequence begins with an empty memory/],
    ['never', /^40 of 60 right: the 1 of sequence 1 still glows in sequence 2\.$/],
    ['stateless', /^22 of 60 right: every step starts from an empty memory/],
  ] as [Mode, RegExp][])('with the memory "%s" it answers as the caption says', (mode, words) => {
    expect(caption({ mode })).toMatch(words);
  });

  test('has learned the task after 120 sequences, and guesses before the first', () => {
    const at = (moment: number) => recorded.find(({ seen }) => seen === moment)!.weights;
    expect(caption({ seen: 120 }, at(120))).toMatch(/^60 of 60 right/);
    expect(caption({ seen: 0 }, at(0))).toMatch(/before any training the answers are guesses\.$/);
  });

  test('is not moved by a later 1, and a tape without a 1 needs no reset', () => {
    expect(caption({ ones: [0, 30, 40] })).toMatch(/^60 of 60 right: .* a later 1 changes no answer\.$/);
    expect(caption({ ones: [], mode: 'never' })).toMatch(/^60 of 60 right: .*no harm\.$/);
  });
});

describe('a tape', () => {
  test('starts from zero where its mode says so, and otherwise from the step before', () => {
    const zero = new Float64Array(10);
    const never = readTape(trained, { ...FIRST, mode: 'never' });
    expect(never[0].before).toEqual(zero);
    expect(never[LENGTH].before).toEqual(never[LENGTH - 1].c);
    const reset = readTape(trained, FIRST);
    expect([reset[LENGTH].before, reset[LENGTH + 1].before]).toEqual([zero, reset[LENGTH].c]);
    expect(readTape(trained, { ...FIRST, mode: 'stateless' })[7].before).toEqual(zero);
  });

  test('has as target of each step the first number of its sequence', () => {
    const targets = readTape(trained, { ...FIRST, ones: [3, 20] }).map(({ y }) => y);
    expect(targets).toEqual(Array.from({ length: STEPS }, (_, index) => (Math.floor(index / LENGTH) === 1 ? 1 : 0)));
  });

  test('has a row a step in its table', () => {
    const { columns, rows } = tableOf(readTape(trained, FIRST));
    expect(rows).toHaveLength(STEPS);
    expect(rows[20].slice(0, 4)).toEqual([21, 2, 0, 0]);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
  });

  test('changes one number at a time, and keeps the others in order', () => {
    expect(flipped([0, 40], 20)).toEqual([0, 20, 40]);
    expect(flipped([0, 40], 0)).toEqual([40]);
  });
});

test('arrow keys go to the next place and stay on the tape', () => {
  expect(moved({ step: 5, cell: 9 }, 'ArrowRight')).toEqual({ step: 6, cell: 9 });
  expect(moved({ step: 5, cell: 9 }, 'ArrowDown')).toEqual({ step: 5, cell: 9 });
  expect(moved({ step: 0, cell: 3 }, 'ArrowUp')).toEqual({ step: 0, cell: 2 });
  expect(moved({ step: 5, cell: 3 }, 'End')).toEqual({ step: 59, cell: 3 });
  expect(moved({ step: 5, cell: 3 }, 'a')).toBeUndefined();
});

test.each([FIRST, { mode: 'never', seen: 0, ones: [], step: 59, cell: 9 }] as (typeof FIRST)[])(
  'the state %j comes back from the address',
  (state) => {
    expect(NOTATION.read(NOTATION.write(state))).toEqual(state);
  },
);

test.each(['', 'never', 'often.1000.0.0.0', 'never.x.0.0.0', 'never.0.60.0.0', 'never.0.0.0.10', 'never.0.0.1.5.0'])(
  'the address "%s" is none of the tape',
  (text) => {
    expect(NOTATION.read(text)).toBeUndefined();
  },
);

test('negative numbers have a real minus sign, but for those that are rounded to zero', () => {
  expect([signedFigure(-1.234), signedFigure(-0.001), signedFigure(0.5)]).toEqual(['−1.23', '0.00', '0.50']);
});
