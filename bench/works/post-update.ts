import type { Work } from './work.ts';

/** The smallest network that learns something: the one of the post "Stateful LSTM in Keras". */
export const postUpdate: Work = {
  id: 'post-update',
  title: "the post's stateful update: B 1, T 1, I 1, H 10",
  kind: 'train',
  batch: 1,
  steps: 1,
  features: 1,
  units: 10,
  stateful: true,
};

/** Which seed? One update of each of 64 such models. */
export const postUpdateOfMany: Work = {
  ...postUpdate,
  id: 'post-update-64',
  title: "the post's stateful update for 64 models at once",
  models: 64,
};
