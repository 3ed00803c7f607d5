import { ValueError } from '../../../runtime/errors.ts';
import { didYouMean, show } from '../../../runtime/options.ts';
import type { Weight, WeightInput } from '../../parameters.ts';

/** The loss and the metrics by name; of validation with `val` in front: `valLoss`, `valAccuracy`. */
export type Logs = Record<string, number>;

/** What callbacks see of a model while `fit` runs on it, when the methods of the model itself are busy. */
export interface ModelInTraining {
  /** Set to true to end `fit` after the batches already sent. */
  stopTraining: boolean;
  /** Of the next update. Cannot be set if the optimizer has a schedule. */
  learningRate: number;
  /** The weights after all batches so far: a readback, so not for every batch. */
  getWeights(): Promise<Weight[]>;
  setWeights(weights: readonly WeightInput[]): Promise<void>;
}

type Maybe = void | Promise<void>;

/**
 * Functions called on the way, in Keras' order. Batches are sent to the GPU many at once, so `onBatchBegin` and
 * `onBatchEnd` are called when a batch is queued, in step with what they do: `model.resetStates()` in `onBatchBegin`
 * takes effect at that very batch. The logs of `onBatchEnd` are the running means as last heard from the GPU, a few
 * times a second; those of `onEpochEnd` are complete.
 *
 * @see keras/src/callbacks/callback.py
 */
export interface Callback {
  /** Called by `fit` before all others, with what a callback may change of the model. */
  setModel?(model: ModelInTraining): void;
  onTrainBegin?(): Maybe;
  onTrainEnd?(logs: Logs): Maybe;
  onEpochBegin?(epoch: number): Maybe;
  onEpochEnd?(epoch: number, logs: Logs): Maybe;
  onBatchBegin?(batch: number): Maybe;
  onBatchEnd?(batch: number, logs: Logs): Maybe;
  /** Validation inside `fit` and `evaluate` call these; resets made here are those of the tested batches. */
  onTestBegin?(): Maybe;
  onTestEnd?(logs: Logs): Maybe;
  onTestBatchBegin?(batch: number): Maybe;
  onTestBatchEnd?(batch: number, logs: Logs): Maybe;
}

const FUNCTIONS: readonly string[] = [
  'setModel',
  ...['Train', 'Epoch', 'Batch', 'Test', 'TestBatch'].flatMap((what) => [`on${what}Begin`, `on${what}End`]),
];

/**
 * @throws ValueError unless it is a list of callbacks; a function named like those above that is none of them would never
 * be called, and is refused too
 */
export function checkCallbacks(where: string, callbacks: unknown = []): readonly Callback[] {
  if (!Array.isArray(callbacks)) {
    throw new ValueError(`${where}: callbacks is ${show(callbacks)}, expected a list, e.g. [earlyStopping()].`);
  }
  callbacks.forEach((callback: unknown, index) => {
    const place = `${where}: callbacks[${index}]`;
    if (typeof callback !== 'object' || callback === null) {
      throw new ValueError(`${place} is ${show(callback)}, expected an object with functions such as onEpochEnd.`);
    }
    const wrong = namesIn(callback).find((name) => /^on[A-Z_]/.test(name) && !FUNCTIONS.includes(name));
    if (wrong !== undefined) {
      const list = FUNCTIONS.join(', ');
      throw new ValueError(
        `${place} has "${wrong}", which nobody calls.${didYouMean(wrong, FUNCTIONS)} The functions are ${list}.`,
      );
    }
  });
  return callbacks as Callback[];
}

/** The names of all that an object has, also from its classes. */
function namesIn(object: object): string[] {
  const parent = Object.getPrototypeOf(object) as object | null;
  return [...Object.getOwnPropertyNames(object), ...(parent ? namesIn(parent) : [])];
}

/** Calls one function of every callback in turn, waiting only for those that return a promise. */
export function notify<Name extends Exclude<keyof Callback, 'setModel'>>(
  callbacks: readonly Callback[],
  name: Name,
  ...args: Parameters<NonNullable<Callback[Name]>>
): Maybe {
  for (let index = 0; index < callbacks.length; index++) {
    const result = (callbacks[index][name] as ((...args: unknown[]) => Maybe) | undefined)?.(...args);
    if (result instanceof Promise) {
      return result.then(() => notify(callbacks.slice(index + 1), name, ...args));
    }
  }
}
