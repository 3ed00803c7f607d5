import type { Work } from './work.ts';

/** All works, in the order of the table. */
export const works: readonly Work[] = [
  {
    id: 'post-update',
    title: "the post's stateful update: B 1, T 1, I 1, H 10",
    kind: 'train',
    batch: 1,
    steps: 1,
    features: 1,
    units: 10,
    stateful: true,
  },
  // The place for the post's update on many seeds at once, when the library trains several models together.
  sequences('train', 64, 20, 8, 64),
  sequences('infer', 64, 20, 8, 64),
  sequences('train', 32, 32, 128, 256),
  sequences('infer', 32, 32, 128, 256),
  sequences('infer', 1, 100, 128, 128),
  {
    id: 'stream',
    title: 'a stream, one step: B 1, I 128, H 128',
    kind: 'stream',
    batch: 1,
    steps: 1,
    features: 128,
    units: 128,
    stateful: true,
  },
  {
    id: 'product',
    title: 'product of two matrices, 512 × 512 each',
    kind: 'product',
    batch: 512,
    steps: 1,
    features: 512,
    units: 512,
    stateful: false,
  },
];

function sequences(kind: 'train' | 'infer', batch: number, steps: number, features: number, units: number): Work {
  return {
    id: `${kind}-${batch}x${steps}-${features}-${units}`,
    title: `${kind}: B ${batch}, T ${steps}, I ${features}, H ${units}`,
    kind,
    batch,
    steps,
    features,
    units,
    stateful: false,
  };
}
