import { postUpdate, postUpdateOfMany } from './post-update.ts';
import { sequences, type Work } from './work.ts';

/** Works that take a GPU milliseconds and a processor minutes; `--gpu` adds them. */
export const worksForGpu: readonly Work[] = [
  { ...sequences('infer', 64, 100, 512, 512, 4), isLarge: true },
  { ...sequences('train', 64, 100, 512, 512, 4), isLarge: true },
  { ...sequences('infer', 16, 1024, 768, 768), isLarge: true },
  { ...postUpdate, id: 'post-20000', title: "20,000 of the post's stateful updates", updates: 20_000 },
  {
    ...postUpdateOfMany,
    id: 'post-update-256',
    title: "the post's stateful update for 256 models at once",
    models: 256,
  },
];
