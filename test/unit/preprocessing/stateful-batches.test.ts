import { describe, expect, test } from 'vitest';
import { statefulBatches, type NumberInput, type StatefulBatches } from '../../../src/preprocessing/index.ts';
import { ShapeError, ValueError } from '../../../src/runtime/errors.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { errorOf } from '../../harness/error-of.ts';
import { nest } from './forms.ts';

type Step = number | number[];

/**
 * The stretches of steps that a stateful model sees as one sequence: it follows each row from batch to batch, and begins anew
 * where the mask says so.
 *
 * @returns pairs of inputs and targets, row by row
 */
function seenBy({ x, y, resetStates, lengths }: StatefulBatches, batchSize: number): { x: Step[]; y: Step[] }[] {
  const [inputs, targets] = [nest(x) as Step[][], nest(y) as Step[][]];
  const seen: { x: Step[]; y: Step[] }[] = [];
  expect(inputs.length % batchSize).toBe(0);
  for (let row = 0; row < batchSize; row++) {
    // Every epoch must begin anew in every row that has samples at all.
    expect(resetStates[row] === 1 || lengths?.[row] === 0).toBe(true);
    for (let sample = row; sample < inputs.length; sample += batchSize) {
      if (resetStates[sample] === 1) seen.push({ x: [], y: [] });
      const steps = lengths?.[sample] ?? inputs[sample].length;
      seen.at(-1)?.x.push(...inputs[sample].slice(0, steps));
      seen.at(-1)?.y.push(...targets[sample].slice(0, steps));
    }
  }
  return seen;
}

const sorted = (sequences: { x: Step[]; y: Step[] }[]) => sequences.map((pair) => JSON.stringify(pair)).toSorted();

const randomSequence = (random: ReturnType<typeof rng>, steps: number, features: number): Step[] =>
  Array.from({ length: steps }, () => (features === 0 ? random.array(1, 1)[0] : Array.from(random.array(features, 1))));

describe('statefulBatches', () => {
  test('two rows of two sequences each, written out', () => {
    const ten = (from: number) => Array.from({ length: 5 }, (_, step) => from + step);
    const { x, y, resetStates, ...rest } = statefulBatches([ten(10), ten(20), ten(30), ten(40)], {
      batchSize: 2,
      timesteps: 2,
    });
    expect(nest(x)).toEqual([
      [10, 11],
      [20, 21],
      [12, 13],
      [22, 23],
      [30, 31],
      [40, 41],
      [32, 33],
      [42, 43],
    ]);
    expect(nest(y)).toEqual([
      [11, 12],
      [21, 22],
      [13, 14],
      [23, 24],
      [31, 32],
      [41, 42],
      [33, 34],
      [43, 44],
    ]);
    expect(Array.from(resetStates)).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
    expect(rest).toEqual({ batchSize: 2 });
  });

  test('a text is cut into as many parts as rows, and what is left over is left out', () => {
    const text = Uint8Array.from({ length: 16 }, (_, step) => step);
    const { x, y, resetStates, ...rest } = statefulBatches([text], { batchSize: 2, timesteps: 3 });
    expect(nest(x)).toEqual([
      [0, 1, 2],
      [6, 7, 8],
      [3, 4, 5],
      [9, 10, 11],
    ]);
    expect((nest(y) as number[][]).at(-1)).toEqual([10, 11, 12]);
    expect(Array.from(resetStates)).toEqual([1, 1, 0, 0]);
    expect(rest).toEqual({ batchSize: 2 });
  });

  test('with sequences enough each is seen once, whole and from its beginning, with every target', () => {
    const random = rng(randomSeed());
    for (let round = 0; round < 100; round++) {
      const [batchSize, timesteps] = [random.integer(1, 5), random.integer(1, 6)];
      const [features, outputs] = [random.integer(0, 3), random.integer(0, 2)];
      const pairs = Array.from({ length: batchSize + random.integer(0, 8) }, () => {
        const steps = random.integer(1, 20);
        return { x: randomSequence(random, steps, features), y: randomSequence(random, steps, outputs) };
      });
      const [sequences, targets] = [pairs.map(({ x }) => x), pairs.map(({ y }) => y)] as NumberInput[][];
      const batches = statefulBatches(sequences, { batchSize, timesteps, targets });
      expect(sorted(seenBy(batches, batchSize))).toEqual(sorted(pairs));
      const { lengths, x } = batches;
      const steps = pairs.reduce((sum, pair) => sum + pair.x.length, 0);
      expect(lengths?.reduce((sum, length) => sum + length, 0) ?? x.shape[0] * timesteps).toBe(steps);
    }
  });

  test('with too few sequences their parts follow each other through the rows, and less than a window a row is lost', () => {
    const random = rng(randomSeed());
    for (let round = 0; round < 100; round++) {
      const [batchSize, timesteps] = [random.integer(2, 5), random.integer(1, 5)];
      const count = random.integer(1, batchSize - 1);
      const features = random.integer(0, 2);
      const steps = Array.from({ length: count }, () => batchSize * timesteps + random.integer(1, 40));
      const sequences = steps.map((length) => randomSequence(random, length, features));
      const batches = statefulBatches(sequences as NumberInput[], { batchSize, timesteps });
      const windows = steps.reduce((sum, length) => sum + Math.floor((length - 1) / timesteps), 0);
      expect(batches.x.shape[0]).toBe(windows - (windows % batchSize));
      expect(batches.lengths).toBeUndefined();

      const parts = seenBy(batches, batchSize);
      const places = parts.map(({ x, y }) => {
        const from = sequences.map((sequence) => sequence.findIndex((step) => String(step) === String(x[0])));
        const which = from.findIndex((first) => first >= 0);
        const [sequence, first] = [sequences[which], from[which]];
        expect(x).toEqual(sequence.slice(first, first + x.length));
        expect(y).toEqual(sequence.slice(first + 1, first + 1 + x.length));
        return [which, first, x.length];
      });
      for (let index = 1; index < places.length; index++) {
        const [[before, first, length], [which, start]] = places.slice(index - 1);
        expect(start === 0 ? which - before : which === before && start - first).toBe(start === 0 ? 1 : length);
      }
    }
  });

  test('keeps the digits of sequences and targets', () => {
    const sequence = Array.from({ length: 5 }, (_, step) => 1_700_000_000 + step);
    const { x, y } = statefulBatches([sequence], { batchSize: 1, timesteps: 2 });
    expect(nest(x)).toEqual([sequence.slice(0, 2), sequence.slice(2, 4)]);
    expect(nest(y)).toEqual([sequence.slice(1, 3), sequence.slice(3, 5)]);
  });

  test('one number is the target of every step', () => {
    const { y, lengths } = statefulBatches([[5, 6, 7], [8]], { batchSize: 2, timesteps: 2, targets: [1, 2] });
    expect(nest(y)).toEqual([
      [1, 1],
      [2, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(lengths).toEqual(Uint32Array.of(2, 1, 1, 0));
  });

  test('sequences of one length may be one array, and targets typed ones', () => {
    const random = rng(randomSeed());
    const data = random.array(2 * 4 * 3, 1);
    const nested = nest({ data, shape: [2, 4, 3] }) as number[][][];
    const options = { batchSize: 2, timesteps: 2 };
    const expected = statefulBatches(nested, options);
    expect(statefulBatches({ data, shape: [2, 4, 3] }, options)).toEqual(expected);
    expect(
      statefulBatches(
        nested.map((rows) => rows.map((row) => Float64Array.from(row))),
        options,
      ),
    ).toEqual(expected);
    const labels = { ...options, targets: [3, 4] };
    expect(statefulBatches(nested, { ...options, targets: Uint8Array.of(3, 4) })).toEqual(
      statefulBatches(nested, labels),
    );
  });

  const anything = (value: unknown) => value as NumberInput[];
  const options = { batchSize: 1, timesteps: 2 };
  const refused: [what: string, call: () => unknown, kind: typeof ShapeError | typeof ValueError, says: string[]][] = [
    ['a bare sequence', () => statefulBatches([1, 2, 3], options), ShapeError, ['sequences', '[sequence]']],
    [
      'one-hot vectors of one text',
      () => statefulBatches({ data: [1, 0], shape: [2, 1] }, options),
      ShapeError,
      ['[2, 1]'],
    ],
    [
      'a typed array',
      () => statefulBatches(Float32Array.of(1, 2), options),
      ShapeError,
      ['Float32Array', '[sequence]'],
    ],
    [
      'no sequences',
      () => statefulBatches([], options),
      ShapeError,
      ['sequences is [], expected at least one sequence'],
    ],
    ['an empty sequence', () => statefulBatches([[1, 2], []], options), ShapeError, ['sequences[1]', 'empty']],
    [
      'a single step',
      () => statefulBatches([[1, 2], [3]], options),
      ShapeError,
      ['sequences[1] has 1 step', 'at least 2'],
    ],
    [
      'other features',
      () => statefulBatches([[[1], [2]], [[1, 2]]], options),
      ShapeError,
      ['sequences[1]', '[1, 2]', '[2, 1]'],
    ],
    [
      'a missing number',
      () => statefulBatches(anything([[1, null]]), options),
      ValueError,
      ['sequences[0] holds null at [1]'],
    ],
    [
      'too few windows',
      () => statefulBatches([[1, 2, 3, 4, 5]], { batchSize: 3, timesteps: 2 }),
      ShapeError,
      ['2 windows of 2', '3 rows'],
    ],
    [
      'targets too few',
      () => statefulBatches([[1], [2]], { ...options, targets: [1] }),
      ShapeError,
      ['1 entries', 'expected 2'],
    ],
    [
      'targets of other steps',
      () => statefulBatches([[1, 2]], { ...options, targets: [[1]] }),
      ShapeError,
      ['targets[0] has 1 steps', 'expected 2'],
    ],
    [
      'no batch size',
      () => statefulBatches([[1, 2]], { timesteps: 2 } as typeof options),
      ValueError,
      ['batchSize is undefined'],
    ],
    [
      'a misspelled option',
      () => statefulBatches([[1, 2]], { ...options, timeSteps: 2 } as typeof options),
      ValueError,
      ['Did you mean "timesteps"'],
    ],
  ];
  test.each(refused)('%s is refused', (_what, call, kind, says) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(kind);
    for (const part of ['statefulBatches', ...says]) expect(error.message).toContain(part);
  });
});
