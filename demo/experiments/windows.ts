import { fact } from './claims.ts';
import { type Labelled, makeData, type Matrix } from './data.ts';
import type { Claim, Experiment } from './experiment.ts';
import { prepareSequences, restoreSequences } from './prepare-sequences.ts';

export const windows: Experiment = {
  id: 'windows',
  title: 'Cutting sequences into windows',
  description:
    'Every sequence of 20 elements becomes 11 overlapping windows of 10, each with the target of its sequence. ' +
    'Nothing is lost: the sequences can be put together again from their windows.',
  post: { text: '(11000, 10, 1) and (2200, 10, 1), reversible' },
  variants: [{ id: null, title: '', bound: { text: 'exact' } }],
  defaultEpochs: 0,
  run: async ({ seed }) => {
    const { train, test } = makeData(seed);
    const facts = [example(), ...cutAndRestored(train, '(11000, 10, 1)'), ...cutAndRestored(test, '(2200, 10, 1)')];
    return { epochs: [], updates: 0, facts };
  },
};

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
