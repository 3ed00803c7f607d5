import { describe, expect, test } from 'vitest';
import { oneHot, type NumberInput } from '../../../src/preprocessing/index.ts';
import { ShapeError, ValueError } from '../../../src/runtime/errors.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { errorOf } from '../../harness/error-of.ts';
import { nest } from './forms.ts';

describe('oneHot', () => {
  test('labels of samples and of steps', () => {
    expect(nest(oneHot([2, 0]))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(oneHot([[0, 1]], { classes: 4 })).toEqual({
      data: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0),
      shape: [1, 2, 4],
    });
  });

  test('single steps stay sequences', () => {
    expect(oneHot([[1], [0]]).shape).toEqual([2, 1, 2]);
    expect(oneHot([[3]], { classes: 5 }).shape).toEqual([1, 1, 5]);
    expect(oneHot([1]).shape).toEqual([1, 2]);
  });

  test('each vector has its one 1 at the label', () => {
    const random = rng(randomSeed());
    const classes = random.integer(2, 9);
    const labels = Uint8Array.from({ length: 60 }, () => random.integer(0, classes - 1));
    const vectors = nest(oneHot({ data: labels, shape: [4, 15] }, { classes })) as number[][][];
    expect(vectors.flat().map((vector) => vector.indexOf(1))).toEqual(Array.from(labels));
    expect(vectors.flat(2).reduce((sum, value) => sum + value)).toBe(60);
  });

  const anything = (value: unknown) => value as NumberInput;
  const refused: [what: string, call: () => unknown, kind: typeof ShapeError | typeof ValueError, says: string[]][] = [
    ['a label too large', () => oneHot([0, 3], { classes: 3 }), ValueError, ['holds 3 at index 1', 'from 0 to 2']],
    ['a negative label', () => oneHot([0, -1]), ValueError, ['holds -1 at index 1', 'from 0 on']],
    ['a fraction', () => oneHot([0.5]), ValueError, ['holds 0.5 at index 0', 'whole numbers']],
    ['a name', () => oneHot(anything(['cat'])), ValueError, ['"cat" at [0]']],
    ['more classes than memory holds', () => oneHot([1e15]), ValueError, ['1 labels of 1000000000000001 classes']],
    ['no labels', () => oneHot([]), ShapeError, ['labels has shape [0]']],
    ['no classes', () => oneHot([0], { classes: 0 }), ValueError, ['classes is 0']],
    ['classes as a number', () => oneHot([0], 3 as never), ValueError, ['got 3', '{ classes: … }']],
  ];
  test.each(refused)('%s is refused', (_what, call, kind, says) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(kind);
    for (const part of ['oneHot', ...says]) expect(error.message).toContain(part);
  });
});
