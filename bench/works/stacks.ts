import { sequences, type Work } from './work.ts';

/** LSTM layers behind one another, which can go through time one by one or together. */
export const stacks: readonly Work[] = [2, 4].flatMap((layers) => [
  sequences('train', 16, 64, 64, 64, layers),
  sequences('infer', 16, 64, 64, 64, layers),
]);
