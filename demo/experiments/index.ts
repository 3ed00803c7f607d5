import { callbackReset } from './callback-reset.ts';
import type { Experiment } from './experiment.ts';
import { statefulElements } from './stateful-elements.ts';
import { statefulWindows } from './stateful-windows.ts';
import { statelessElements } from './stateless-elements.ts';
import { statelessFull } from './stateless-full.ts';
import { statelessWindows } from './stateless-windows.ts';
import { validationStates } from './validation-states.ts';
import { windows } from './windows.ts';

export type * from './experiment.ts';

/**
 * The experiments of "Stateful LSTM in Keras" by Philippe Rémy (2016), in the order of the post.
 *
 * @see https://philipperemy.github.io/keras-stateful-lstm/
 */
export const experiments: readonly Experiment[] = [
  windows,
  statelessFull,
  statelessWindows,
  statefulWindows,
  statefulElements,
  statelessElements,
  callbackReset,
  validationStates,
];
