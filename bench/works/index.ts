import { worksForGpu } from './for-gpu.ts';
import { postUpdate, postUpdateOfMany } from './post-update.ts';
import { sequences, type Work } from './work.ts';

/** The works that every machine does, in the order of the table. */
export const works: readonly Work[] = [
  postUpdate,
  postUpdateOfMany,
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

export const allWorks: readonly Work[] = [...works, ...worksForGpu];
