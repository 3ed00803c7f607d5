import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readBatching, writeBatching } from '../../demo/pictures/hand-overs/address.ts';
import {
  BATCH_SIZES,
  type Batching,
  handOversOf,
  marksOf,
  nameOf,
  piecesInOrder,
  tally,
  toggled,
} from '../../demo/pictures/hand-overs/data.ts';
import { callOf, countsOf, happeningOf, maskOf, meaningOf, nextEpochOf } from '../../demo/pictures/hand-overs/words.ts';
import { inWholeGroups } from '../../demo/pictures/race/data.ts';
import { sequencesWords } from '../../demo/pictures/race/words.ts';
import { handOversDrawings } from '../../headless/documents/hand-overs-drawings.ts';
import { resetsAt } from '../../src/models/training/reset-policy.ts';

const make = (part: Partial<Batching>): Batching => ({ batchSize: 3, order: 'in-order', seed: 1, resets: 0, ...part });
const countsOfBatching = (part: Partial<Batching>) => tally(handOversOf(make(part)));
const names = (part: Partial<Batching>) => piecesInOrder(make(part)).map(nameOf).join(' ');
const marks = (...indices: number[]) => Array.from({ length: 12 }, (_, index) => (indices.includes(index) ? 1 : 0));

describe('the order of the pieces', () => {
  test('goes through the sequences one after another, or side by side', () => {
    expect(names({ order: 'in-order' })).toBe('A1 A2 A3 A4 B1 B2 B3 B4 C1 C2 C3 C4');
    expect(names({ order: 'interleaved' })).toBe('A1 B1 C1 A2 B2 C2 A3 B3 C3 A4 B4 C4');
  });

  test.each([1, 2, 3, 2 ** 31])('shuffled with seed %i has every piece once, and is another than in order', (seed) => {
    const shuffled = names({ order: 'shuffled', seed });
    expect(shuffled.split(' ').sort().join(' ')).toBe(names({ order: 'in-order' }));
    expect(shuffled).not.toBe(names({ order: 'in-order' }));
    expect(names({ order: 'shuffled', seed })).toBe(shuffled);
  });

  test('is another with another seed', () => {
    expect(names({ order: 'shuffled', seed: 1 })).not.toBe(names({ order: 'shuffled', seed: 2 }));
  });
});

describe('hand-overs', () => {
  test('in order, with batches of 3, are all wrong', () => {
    expect(countsOfBatching({})).toEqual({ right: 0, wrong: 9, elsewhere: 6, thrownAway: 0, nextEpoch: 3 });
  });

  test('interleaved, with batches of 3, are all right', () => {
    const counts = countsOfBatching({ order: 'interleaved' });
    expect(counts).toEqual({ right: 9, wrong: 0, elsewhere: 0, thrownAway: 0, nextEpoch: 3 });
    expect(countsOf(counts)).toBe('9 right hand-overs, 0 wrong, 0 memories thrown away.');
    expect(meaningOf(counts)).toMatch(/what stateful mode is for/);
  });

  test('one piece at a time, in order, are right but for those into the next sequence, which a reset ends', () => {
    expect(countsOfBatching({ batchSize: 1 })).toMatchObject({ right: 9, wrong: 2, elsewhere: 2, nextEpoch: 1 });
    expect(countsOfBatching({ batchSize: 1, resets: 4 })).toMatchObject({
      right: 9,
      wrong: 0,
      thrownAway: 0,
      nextEpoch: 0,
    });
    expect(countsOfBatching({ batchSize: 1, resets: 2 })).toMatchObject({ right: 6, wrong: 0, thrownAway: 3 });
  });

  test('are none with a reset before every batch', () => {
    const counts = countsOfBatching({ order: 'interleaved', resets: 1 });
    expect(counts).toEqual({ right: 0, wrong: 0, elsewhere: 0, thrownAway: 9, nextEpoch: 0 });
    expect(meaningOf(counts)).toMatch(/a stateless network/);
  });

  test('are counted once each, whatever is done', () => {
    for (const batchSize of BATCH_SIZES) {
      for (const order of ['in-order', 'interleaved', 'shuffled'] as const) {
        for (const resets of [0, 1, 2, 3, 4, marks(5, 8)]) {
          const handOvers = handOversOf(make({ batchSize, order, resets }));
          const { right, wrong, elsewhere, nextEpoch } = tally(handOvers);
          const reset = marksOf({ batchSize, resets }).filter((mark) => mark === 1).length;
          expect(right + wrong + nextEpoch + reset).toBe(12);
          expect(elsewhere).toBeLessThanOrEqual(wrong);
          expect(handOvers.every(({ from, to }) => from.sequence !== to.sequence || from.part !== to.part)).toBe(true);
        }
      }
    }
  });

  test('of shuffled pieces are not foretold for the next epoch', () => {
    const [shuffled] = handOversOf(make({ order: 'shuffled' }));
    expect(happeningOf(shuffled)).toMatch(/^Row 0, before batch 0: .. starts from nothing\. Later epochs draw another/);
    const [inOrder] = handOversOf(make({}));
    expect(happeningOf(inOrder)).toMatch(/: A1 starts from nothing in the first epoch, and from C2 in later ones\.$/);
  });

  test('go from a row to the same row of the next batch', () => {
    const handOvers = handOversOf(make({}));
    const texts = handOvers.slice(3, 6).map(({ row, from, to }) => `${row}: ${nameOf(from)} ${nameOf(to)}`);
    expect(texts).toEqual(['0: A1 A4', '1: A2 B1', '2: A3 B2']);
    expect(happeningOf(handOvers[4])).toBe('Row 1, before batch 1: B1 gets the memory of A2. Wrong: another sequence.');
  });
});

describe('resets', () => {
  test('by a rule come before batch 0 and every n-th one, as the library does them', () => {
    expect(marksOf({ batchSize: 3, resets: 2 })).toEqual(marks(0, 1, 2, 6, 7, 8));
    expect(marksOf({ batchSize: 3, resets: 4 })).toEqual(marks(0, 1, 2));
    expect(marksOf({ batchSize: 3, resets: 0 })).toEqual(marks());
  });

  test.each([1, 2, 3, 4])('every %i batches are where the library makes them', (every) => {
    for (const batchSize of BATCH_SIZES) {
      const expected = Array.from({ length: 12 }, (_, index) => resetsAt(every, Math.floor(index / batchSize)));
      expect(marksOf({ batchSize, resets: every }).map(Boolean)).toEqual(expected);
    }
  });

  test('are set and taken away for one row and for all', () => {
    const one = toggled(make({}), [4]);
    expect(one).toEqual(marks(4));
    expect(toggled(make({ resets: one }), [3, 4, 5])).toEqual(marks(3, 4, 5));
    expect(toggled(make({ resets: marks(3, 4, 5) }), [3, 4, 5])).toEqual(marks());
    expect(toggled(make({ resets: 4 }), [7])).toEqual(marks(0, 1, 2, 7));
  });

  test('at one row throw away one memory', () => {
    expect(countsOfBatching({ order: 'interleaved', resets: marks(4) })).toMatchObject({ right: 8, thrownAway: 1 });
  });
});

describe('the call', () => {
  const lineOf = (part: Partial<Batching>) => callOf(make(part)).split('\n')[1];

  test('has the options of the library', () => {
    expect(lineOf({})).toBe('model.fit(x, y, { batchSize: 3 });');
    expect(lineOf({ resets: 4 })).toBe('model.fit(x, y, { batchSize: 3, resetStates: 4 });');
    expect(lineOf({ order: 'shuffled' })).toBe("model.fit(x, y, { batchSize: 3, shuffle: 'force' });");
  });

  test('has the resets that were set by hand in a callback, and as data', () => {
    const batching = make({ resets: marks(4, 6, 7, 8) });
    expect(callOf(batching)).toContain('if (batch === 1) model.resetStates([1]);');
    expect(callOf(batching)).toContain('if (batch === 2) model.resetStates();');
    expect(maskOf(batching)).toBe('resetStates: [0, 0, 0,  0, 1, 0,  1, 1, 1,  0, 0, 0]');
    expect(maskOf(make({ order: 'shuffled', resets: marks(4) }))).toBeUndefined();
  });

  test('that prevents a wrong beginning of the next epoch is named', () => {
    const batching = make({ batchSize: 2, order: 'interleaved' });
    expect(nextEpochOf(batching, tally(handOversOf(batching)))).toContain('resetStates: 6');
    const reset = make({ resets: 4 });
    expect(nextEpochOf(reset, tally(handOversOf(reset)))).toBe('');
  });
});

describe('the address', () => {
  test.each<Partial<Batching>>([
    {},
    { batchSize: 6, order: 'interleaved', resets: 2 },
    { order: 'shuffled', seed: 12 },
    { batchSize: 1, resets: marks(4, 8) },
  ])('gives back %o', (part) => {
    expect(readBatching(writeBatching(make(part)))).toEqual(make(part));
  });

  test.each(['', '5.in-order.0', '3.sideways.0', '3.in-order.5', '3.in-order.m01', '3.shuffled.0.x'])(
    'refuses %j',
    (text) => {
      expect(readBatching(text)).toBeUndefined();
    },
  );
});

test('README shows what the page draws: else run node --import tsx headless/draw-hand-overs.ts', async () => {
  const drawings = await handOversDrawings();
  expect(drawings.length).toBe(2);
  for (const [path, text] of drawings) {
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await readFile('README.md', 'utf8')).toContain(path);
  }
});

test('the race tells how many sequences take part, which fill whole batches', () => {
  expect([0, 10, 11, 200, 1000].map(inWholeGroups)).toEqual([0, 0, 11, 198, 990]);
  expect(sequencesWords()).toBe(
    'Both train on the first 990 of the 1,000 sequences and are tested on the first 198 of the other 200: ' +
      'only those make up whole groups of 11.',
  );
});
