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
