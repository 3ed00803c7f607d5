import { describe, expect, test } from 'vitest';
import type { Result } from '../../demo/experiments/index.ts';
import { figure, time } from '../../demo/experiments/words.ts';
import { exitCode, resultsTable, summary } from '../../headless/experiments/table.ts';

const passed: Result = {
  id: 'stateless-windows',
  variant: null,
  seed: 1,
  epochs: [
    { loss: 9, accuracy: 0, testLoss: 9, testAccuracy: 0 },
    { loss: 0.66234, accuracy: 0.5343, testLoss: 2.2883e-7, testAccuracy: 6 / 11 },
  ],
  updates: 22_000,
  seconds: 4,
  expected: { post: { text: 'test accuracy 0.5455' }, bound: { text: 'test accuracy ≤ 6/11' } },
  verdict: 'pass: test accuracy at most 0.545455',
};
const shown: Result = { ...passed, id: 'stateful-windows', variant: 'keras1', verdict: 'shown: nothing is asserted' };
const failed: Result = { ...passed, id: 'stateful-elements', verdict: 'fail: expected test accuracy 1, found 0.9' };

describe('the table', () => {
  const lines = resultsTable([passed, shown, failed]).split('\n');
  const line = (start: string) => lines.find((text) => text.includes(start));

  test('has the last epoch beside what is expected', () => {
    expect(line('│ stateless-windows')).toMatch(
      /loss 0\.6623 .*loss 2\.3e-7 .*test accuracy 0\.5455 .*≤ 6\/11 .*pass .*2 epochs, 4\.0 s/,
    );
    expect(lines[lines.indexOf(line('│ stateless-windows')!) + 1]).toMatch(
      /acc\. 0\.5343 .*acc\. 0\.5455 .*5,500 updates\/s/,
    );
  });

  test('tells below it why a run did not pass', () => {
    expect(lines.slice(-4)).toEqual([
      'stateful-windows keras1',
      '  shown: nothing is asserted',
      'stateful-elements',
      '  fail: expected test accuracy 1, found 0.9',
    ]);
  });
});

test('the summary counts the verdicts and what was not run', () => {
  expect(summary([passed, shown, failed], 3)).toBe('1 pass, 1 fail, 1 shown; 12 s in all');
  expect(summary([passed], 3)).toBe('1 pass, 0 fail, 0 shown, 2 not run; 4.0 s in all');
});

test('only a failure makes the command fail', () => {
  expect(exitCode([passed, shown])).toBe(0);
  expect(exitCode([passed, failed, shown])).toBe(1);
});

test.each([
  [0.66064, '0.6606'],
  [1, '1.0000'],
  [0, '0.0000'],
  [2.2883e-7, '2.3e-7'],
])('%d is written %s', (value, written) => expect(figure(value)).toBe(written));

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.6, '1:00 min'],
  [125, '2:05 min'],
])('%d seconds are %s', (seconds, written) => expect(time(seconds)).toBe(written));
