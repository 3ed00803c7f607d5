import { describe, expect, test } from 'vitest';
import type { Result } from '../../demo/experiments/index.ts';
import { figure, time } from '../../demo/experiments/words.ts';
import { readRecording } from '../../demo/pictures/post/sources/recording.ts';
import file from '../../demo/recorded/experiments.json';
import { exitCode, outputColumns, resultsTable, summary } from '../../headless/experiments/table.ts';

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
  sentence: '0.5455: as good as any network can be here.',
};
const unjudged: Result = {
  ...passed,
  id: 'stateful-windows',
  variant: 'keras1',
  expected: { post: { text: 'a' }, bound: { text: 'about every second seed stays at 0.5, and others learn it' } },
  verdict: 'not judged: it depends on the seed whether the task is solved',
  sentence: '0.5455: no more than a network without memory reaches.',
};
const failed: Result = {
  ...passed,
  id: 'stateful-elements',
  verdict: 'fail: expected test accuracy 1, found 0.9',
  sentence: 'Not as it must be: expected test accuracy 1, found 0.9.',
};

describe('the table', () => {
  const lines = resultsTable([passed, unjudged, failed], 140).split('\n');
  const line = (start: string) => lines.find((text) => text.includes(start));

  test('has the last epoch beside what is expected', () => {
    expect(line('│ stateless-windows')).toMatch(
      /loss 0\.6623 .*loss 2\.3e-7 .*test accuracy 0\.5455 .*≤ 6\/11 .*pass .*2 epochs, 4\.0 s/,
    );
    expect(lines[lines.indexOf(line('│ stateless-windows')!) + 1]).toMatch(
      /accuracy 0\.5343 .*accuracy 0\.5455 .*5,500 updates\/s/,
    );
  });

  test('tells below it in a sentence what each run came to', () => {
    expect(lines.slice(-6)).toEqual([
      'stateless-windows',
      '  0.5455: as good as any network can be here.',
      'stateful-windows keras1',
      '  0.5455: no more than a network without memory reaches.',
      'stateful-elements',
      '  Not as it must be: expected test accuracy 1, found 0.9.',
    ]);
  });
});

test.each([80, 60, 40])('a terminal of %i columns gets a block for each result, no line of it too long', (columns) => {
  const text = resultsTable([passed, unjudged, failed], columns);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  expect(text).not.toContain('│');
  const words = text.replaceAll(/\s+/g, ' ');
  expect(words).toContain(
    'the post a provable about every second seed stays at 0.5, and others learn it verdict not judged. 0.5455: no more',
  );
  expect(text.split('\n\n')).toHaveLength(3);
});

test.each([96, 97, 130, 131, 132, 140])('as many results as Ctrl-C leaves fit into %i columns', (columns) => {
  const { results } = readRecording(file);
  for (let count = 1; count <= results.size; count++) {
    const text = resultsTable([...results.values()].slice(0, count), columns);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  }
});

test('a block names what it tells, and leaves out what there is not', () => {
  const untrained: Result = { ...passed, id: 'windows', epochs: [], updates: 0 };
  expect(resultsTable([passed, untrained], 80).split('\n')).toEqual([
    'stateless-windows',
    '  train     loss 0.6623, accuracy 0.5343',
    '  test      loss 2.3e-7, accuracy 0.5455',
    '  the post  test accuracy 0.5455',
    '  provable  test accuracy ≤ 6/11',
    '  verdict   pass. 0.5455: as good as any network can be here.',
    '  time      2 epochs, 4.0 s, 5,500 updates/s',
    '',
    'windows',
    '  the post  test accuracy 0.5455',
    '  provable  test accuracy ≤ 6/11',
    '  verdict   pass. 0.5455: as good as any network can be here.',
    '  time      4.0 s',
    '',
  ]);
});

test('the summary counts the verdicts and what was not run', () => {
  expect(summary([passed, unjudged, failed], 3)).toBe('1 pass, 1 fail, 1 not judged; 12 s in all');
  expect(summary([passed], 3)).toBe('1 pass, 0 fail, 2 not finished; 4.0 s in all');
});

test('only a failure makes the command fail', () => {
  expect(exitCode([passed, unjudged])).toBe(0);
  expect(exitCode([passed, failed, unjudged])).toBe(1);
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
  [3600 * 64_169.5, '64,170 h'],
])('%d seconds are %s', (seconds, written) => expect(time(seconds)).toBe(written));

test.each([
  [120, '80', 120],
  [undefined, '80', 80],
  [undefined, undefined, Infinity],
  [undefined, 'wide', Infinity],
  [undefined, '0', Infinity],
])('a terminal of %s columns and COLUMNS=%s make %d columns', (terminal, variable, columns) => {
  expect(outputColumns(terminal, variable)).toBe(columns);
});
