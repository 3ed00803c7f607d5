import { optionalFunction } from '../../runtime/options.ts';
import { checkCallbacks, type EvaluateOptions } from './callbacks/callback.ts';
import { checkSignal } from './engine/abort.ts';

/**
 * Checks the options that `fit` and `evaluate` have in common, with arrays and with batches: who is told of the run, and what
 * ends it.
 *
 * @throws ValueError; the reason of the signal if it is aborted already
 */
export function checkRunOptions(
  where: string,
  { callbacks, onProgress, signal }: Pick<EvaluateOptions, 'callbacks' | 'onProgress' | 'signal'>,
) {
  checkSignal(where, signal);
  optionalFunction(where, 'onProgress', onProgress);
  return { callbacks: checkCallbacks(where, callbacks), onProgress };
}
