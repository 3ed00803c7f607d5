import { fact } from '../judging/claims.ts';
import { type Labelled, makeData, type Matrix } from '../data/sequences.ts';
import type { Claim } from '../experiment.ts';
import { prepareSequences, restoreSequences } from '../data/prepare-sequences.ts';
import type { Context, Outcome } from './context.ts';

/** Cuts the sequences of both halves into windows and puts them together again; it needs no GPU. */
export async function cutIntoWindows({ seed }: Context): Promise<Outcome> {
  const { train, test } = makeData(seed);
  const facts = [example(), ...cutAndRestored(train, '(11000, 10, 1)'), ...cutAndRestored(test, '(2200, 10, 1)')];
  return { epochs: [], updates: 0, facts };
}

/** The post's example: [1, 0, 0, 0, 0] with target 1, in windows of 2. */
function example(): Claim {
  const x = { data: Float32Array.of(1, 0, 0, 0, 0), shape: [1, 5] };
  const y = { data: Float32Array.of(1), shape: [1, 1] };
  const cut = prepareSequences(x, y, 2);
  const found = `${cut.x.data.join(' ')} → ${cut.y.data.join(' ')}`;
  return fact("the post's example", found === '1 0 0 0 0 0 0 0 → 1 1 1 1', found);
}

function cutAndRestored(half: Labelled, wanted: string): Claim[] {
  const cut = prepareSequences(half.x, half.y, 10);
  const restored = restoreSequences(cut.x, cut.y, half.x.shape[1]);
  const shape = `(${cut.x.shape.join(', ')})`;
  return [
    fact(wanted, shape === wanted, shape),
    fact('restored', same(restored.x, half.x) && same(restored.y, half.y), 'something else than was cut'),
  ];
}

function same(a: Matrix, b: Matrix): boolean {
  return String(a.shape) === String(b.shape) && a.data.every((value, index) => value === b.data[index]);
}
