import { callbackReset } from './definitions/callback-reset.ts';
import type { Experiment } from './experiment.ts';
import { statefulElements } from './definitions/stateful-elements.ts';
import { statefulWindows } from './definitions/stateful-windows.ts';
import { statelessElements } from './definitions/stateless-elements.ts';
import { statelessFull } from './definitions/stateless-full.ts';
import { statelessWindows } from './definitions/stateless-windows.ts';
import { validationStates } from './definitions/validation-states.ts';
import { windows } from './definitions/windows.ts';

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
