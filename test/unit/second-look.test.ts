import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bestWithoutMemory } from '../../demo/experiments/judging/best-without-memory.ts';
import * as clockData from '../../demo/pictures/clock/data.ts';
import { caption, reading, sourceOf, tableOf } from '../../demo/pictures/clock/words.ts';
import * as seedsData from '../../demo/pictures/seeds/data.ts';
import { sentences } from '../../demo/pictures/seeds/words.ts';
import recorded from '../../demo/recorded/second-look.json';

const { beginningOf, runClock, STEPS, stepsSinceOne, WINDOWS } = clockData;
const { accuracyAfter, shareLearned } = seedsData;

describe('many seeds', () => {
  const runs: seedsData.Runs = {
    keras1: [
      [1100, 1100],
      [1200, 1980],
    ],
    keras3: [
      [1100, 1979],
      [2100, 2090],
    ],
    reset: [[2200], [2200]],
  };

  test('a network has learned once it is right in nine of ten windows', () => {
    expect(shareLearned(runs.keras1, 1)).toEqual({ learned: 0, networks: 2 });
    expect(shareLearned(runs.keras1, 2)).toEqual({ learned: 1, networks: 2 });
    expect(shareLearned(runs.keras3, 2)).toEqual({ learned: 1, networks: 2 });
  });

  test('a network that is trained for fewer epochs counts as it was after its last', () => {
    expect(accuracyAfter(runs.reset[0], 15)).toBe(1);
    expect(accuracyAfter([], 15)).toBeUndefined();
  });

  test('the sentences count those that have learned, and those that make no mistake', () => {
    const told = sentences(runs, { shown: 'all', epoch: 2 });
    expect(told).toMatch(/^After epoch 2 .*1 of 2 .*2016.*1 of 2 .*and all 2 .*: 0, 0 and 2\.$/);
    expect(told).toContain('all 2 (settings of today, reset at each sequence, after 1 epoch)');
    expect(sentences({ ...runs, reset: [[], []] }, { shown: 'all', epoch: 2 })).not.toContain('reset at');
    expect(sentences(runs, { shown: 'reset', epoch: 1 })).toMatch(/^After epoch 1 .* all 2 .*: 2\.$/);
    expect(sentences({ keras1: [[]], keras3: [[]], reset: [[]] }, seedsData.FIRST)).toBe('No epoch is done yet.');
  });

  test('the lines to compare with are the figures of the post and of the bound', () => {
    expect(seedsData.WITHOUT_MEMORY).toBe(bestWithoutMemory(11).accuracy);
    expect(seedsData.TEST_WINDOWS).toBe(2200);
  });

  test.each(['all.15', 'keras1.1', 'reset.7'])('the address says %s', (text) => {
    expect(seedsData.notation.write(seedsData.notation.read(text)!)).toBe(text);
  });

  test.each(['all.0', 'all.16', 'none.3', 'all'])('the address cannot say %s', (text) => {
    expect(seedsData.notation.read(text)).toBeUndefined();
  });
});

describe('the clock', () => {
  const beginning = beginningOf(recorded.clock.weights);

  test('the only ones are at the first steps of sequences that begin with one', () => {
    const ones = Array.from({ length: STEPS }, (_, at) => at).filter((at) => clockData.inputAt([0, 1, 1, 0], at) === 1);
    expect(ones).toEqual([110, 220]);
  });

  test('steps are counted since the last 1, also since one before the picture', () => {
    expect(stepsSinceOne([1, 0, 0, 1], 0)).toBe(0);
    expect(stepsSinceOne([1, 0, 0, 1], 329)).toBe(329);
    expect(stepsSinceOne([1, 0, 0, 1], 335)).toBe(5);
    expect(stepsSinceOne([0, 0, 0, 0], 5)).toBe(225);
  });

  test.each([
    [1, 0, 0, 1],
    [0, 1, 1, 0],
    [1, 1, 1, 1],
  ] as clockData.Bit[][])('the recorded network tells where a sequence begins: %j, %j, %j, %j', (...answers) => {
    const { windows } = runClock(beginning, answers);
    expect(windows).toHaveLength(4 * WINDOWS);
    const right = windows.filter(({ isRight }) => isRight).length;
    expect(right).toBeGreaterThanOrEqual(Math.ceil(0.9 * windows.length));
  });

  test('its cells peak one after another', () => {
    const { cells, largest, c } = runClock(beginning, [1, 0, 0, 1]);
    expect(cells.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, cell) => cell));
    // The picture begins with a 1, and no other one comes for two sequences.
    const peaks = cells.map((_, row) => {
      const held = c.subarray(row * STEPS, row * STEPS + 2 * clockData.SEQUENCE_STEPS).map(Math.abs);
      return held.indexOf(Math.max(...held));
    });
    expect(peaks).toEqual(peaks.toSorted((a, b) => a - b));
    expect(new Set(peaks).size).toBeGreaterThan(5);
    largest.forEach((value, row) => {
      expect(Math.max(...c.subarray(row * STEPS, (row + 1) * STEPS).map(Math.abs))).toBe(value);
    });
  });

  test('words and table tell what is drawn', () => {
    const clock = runClock(beginning, [1, 0, 0, 1]);
    const right = clock.windows.filter(({ isRight }) => isRight).length;
    expect(caption(clock)).toMatch(new RegExp(`^${right} of 44 `));
    expect(reading(clock, { answers: [1, 0, 0, 1], at: 135, row: 3 })).toMatch(
      /^Sequence 2 \(y = 0\), window 3, step 6\. The last 1 was read 135 steps ago\. Cell \d+ holds −?\d+\.\d\d/,
    );
    const { columns, rows } = tableOf(clock, [1, 0, 0, 1]);
    expect(rows).toHaveLength(44);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
  });

  test('one epoch is counted as one', () => {
    expect(sourceOf('Here', { epochs: 1, testAccuracy: 0.5 })).toBe('Here: 1 epoch, test accuracy 0.5000.');
    expect(sourceOf('Here', { epochs: 12, testAccuracy: 1 })).toBe('Here: 12 epochs, test accuracy 1.0000.');
  });

  test.each(['1001.135.0', '0000.439.9'])('the address says %s', (text) => {
    expect(clockData.notation.write(clockData.notation.read(text)!)).toBe(text);
  });

  test.each(['1001.440.0', '101.1.1', '1001'])('the address cannot say %s', (text) => {
    expect(clockData.notation.read(text)).toBeUndefined();
  });
});

test('what is recorded is small, and has a line for each network and epoch', () => {
  const { networks, right } = recorded.seeds;
  expect(right.keras1.map(({ length }) => length)).toEqual(Array(networks).fill(seedsData.EPOCHS));
  expect(right.keras3.map(({ length }) => length)).toEqual(Array(networks).fill(seedsData.EPOCHS));
  expect(right.reset).toHaveLength(networks);
  expect(gzipSync(readFileSync('demo/recorded/second-look.json')).length).toBeLessThan(10_000);
});
