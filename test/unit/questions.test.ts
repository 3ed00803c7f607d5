import { describe, expect, test } from 'vitest';
import {
  type Answer,
  FIRST,
  notation,
  outcomeOf,
  problemOf,
  questionsAsked,
  type Shapes,
  withAnswer,
} from '../../demo/pictures/questions/data.ts';
import { pieceSteps, snippet } from '../../demo/pictures/questions/snippets.ts';

const answers = (letters: string) => letters.split('') as Answer[];
const shapes: Shapes = { sequences: 12, steps: 7, features: 3, batchSize: 5 };

test.each([
  ['y', 'stateless'],
  ['nn', 'stateless'],
  ['nyn', 'stateless'],
  ['nyyy', 'stream'],
  ['nyyn', 'stateful'],
])('the answers %s lead to a model that is %s', (letters, kind) => {
  expect(outcomeOf(answers(letters))?.kind).toBe(kind);
  expect(questionsAsked(answers(letters))).toBe(letters.length);
});

test.each(['', 'n', 'ny', 'nyy'])('after the answers %j another question is asked', (letters) => {
  expect(outcomeOf(answers(letters))).toBeUndefined();
  expect(questionsAsked(answers(letters))).toBe(letters.length + 1);
});

test('an answer given anew takes back those behind it', () => {
  expect(withAnswer(answers('nyyn'), 1, 'n')).toEqual(answers('nn'));
});

describe('shapes', () => {
  test.each([
    [{ sequences: 0 }, /^Sequences: .* from 1 on/],
    [{ steps: 1 }, /^Steps of each: .* from 2 on/],
    [{ features: 1.5 }, /^Numbers a step/],
    [{ batchSize: NaN }, /^Batch size/],
    [{ sequences: 100_000, steps: 1000 }, /128 MiB/],
    [{ batchSize: 13 }, /at most 12/],
  ])('%j are refused', (part, message) => {
    expect(problemOf({ ...shapes, ...part }, 'stateful')).toMatch(message);
  });

  test('good ones are not, and a stateless model takes any batch size', () => {
    expect(problemOf(shapes, 'stream')).toBeUndefined();
    expect(problemOf({ ...shapes, batchSize: 13 }, 'stateless')).toBeUndefined();
  });

  test('pieces are shorter than sequences', () => {
    expect(pieceSteps({ steps: 2 })).toBe(1);
    expect(pieceSteps({ steps: 7 })).toBe(4);
    expect(pieceSteps({ steps: 500 })).toBe(20);
  });

  test('programs are written with them', () => {
    expect(snippet('stateless', shapes)).toContain('inputShape: [7, 3]');
    expect(snippet('stateful', shapes)).toContain('inputShape: [4, 3]');
    expect(snippet('stream', shapes)).toContain('batchSize: 5');
  });
});

test.each(['.100-20-1-4', 'y.1-2-3-4', 'nyyn.100-20-0-4'])('the address says %s', (text) => {
  expect(notation.write(notation.read(text)!)).toBe(text);
});

test.each(['yn.100-20-1-4', 'nyynn.1-2-3-4', 'n.1-2-3', 'x.1-2-3-4'])('the address cannot say %s', (text) => {
  expect(notation.read(text)).toBeUndefined();
});

test('nothing is answered at first', () => {
  expect(FIRST.answers).toEqual([]);
});
