import { ValueError } from '../../../runtime/errors.ts';
import { didYouMean, optionalFunction, show } from '../../../runtime/options.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import type { Weight, WeightInput } from '../../network/parameters.ts';
import type { LayerSummary, ModelSummary } from '../../network/summary.ts';
import type { Batches, InputBatch } from '../data/batches.ts';
import type { SampleOptions } from '../data/checked-data.ts';
import type { OptimizerState, OptimizerStateInput } from '../engine/optimizer-state.ts';
import type { RandomState } from '../engine/random-state.ts';
import type { LayerState, LayerStateInput, StateSelection } from '../engine/states.ts';
import type { CompileOptions } from '../../execution/compiled.ts';
import type { Logs } from '../../execution/logs.ts';
import type { Prediction, PredictOptions } from '../predict.ts';
import type { Progress } from '../progress.ts';
import type { ResetPolicy, ResetRule } from '../reset-policy.ts';

/**
 * The model that is passed to the callbacks of a `fit` or an `evaluate` as their last argument. Its methods take effect between
 * two batches of that run, also in an asynchronous callback, where most methods of the model itself throw BusyError. Once the
 * run has ended, these methods throw BusyError too.
 */
export interface ModelInTraining {
  /** Set to true to end `fit` after the batches already queued. */
  stopTraining: boolean;
  /** The learning rate of the next update. */
  learningRate: number;
  /** The weights after all batches so far: a readback, so not for every batch. */
  getWeights(): Promise<Weight[]>;
  setWeights(weights: readonly WeightInput[]): Promise<void>;
  /** Lets the states that the batches of this run continue start from zero: all of them, or those of the listed rows. */
  resetStates(slots?: readonly number[]): void;
  /** The states of training after all batches so far. */
  getStates(selection?: StateSelection): Promise<LayerState[]>;
  setStates(states: readonly LayerStateInput[], selection?: StateSelection): void;
  /** The options of `compile`. */
  readonly compileOptions: CompileOptions;
  /** The layers in their order, as `model.layers`. */
  readonly layers: readonly LayerSummary[];
  /** The architecture, as `model.toJSON`. */
  toJSON(): ModelSummary;
  /** All that the optimizer remembers after all batches so far, as `model.getOptimizerState`. */
  getOptimizerState(): Promise<OptimizerState>;
  setOptimizerState(state: OptimizerStateInput): void;
  /** Where the sources of random numbers stand after all batches so far, as `model.getRandomState`. */
  getRandomState(): Promise<RandomState>;
  setRandomState(state: RandomState): void;
  /**
   * Lets `fit` go on with this epoch, and within it with this batch, by their numbers from 0, whatever its options say. An
   * iterable is asked for the batches before that one, which are left out. Only `onTrainBegin` may call it, and not that of one
   * of the models of `trainMany`.
   */
  continueFrom(position: { epoch: number; batch?: number }): void;
  /**
   * As `model.evaluate`, with states of its own that start from zero. It runs before the next batch even if it is not awaited,
   * and several run one after the other.
   */
  evaluate(x: ArrayInput, y: ArrayInput, options?: EvaluateOptions): Promise<Logs>;
  /** The same for batches of an iterable: see `Batches`. */
  evaluate(batches: Batches, options?: EvaluateBatchesOptions): Promise<Logs>;
  /** As `model.predict`, with states of its own that start from zero: see `evaluate`. */
  predict(x: ArrayInput | Batches<InputBatch>, options?: PredictOptions): Promise<Prediction>;
}

/** Functions may return a promise, or anything with a `then`, which is awaited. */
export type MaybePromise = void | PromiseLike<unknown>;

/**
 * Functions called on the way, in Keras' order. Batches are sent to the GPU many at once, so `onBatchBegin` and
 * `onBatchEnd` are called when a batch is queued, in step with what they do: `model.resetStates()` in `onBatchBegin`
 * takes effect at that very batch. The logs of `onBatchEnd` are the running means as last heard from the GPU, a few
 * times a second; those of `onEpochEnd` and `onTestEnd` are complete, so that each waits for the GPU. Without these two, epochs
 * of few batches are sent many at once as well.
 *
 * In a callback call the model in the last argument. Of the model itself a function may call `evaluate`, `predict`,
 * `resetStates`, `getWeights` and `getStates` before it returns or reaches its first `await`; they count as called by this
 * run. Later nobody can tell who is calling. So during `evaluate` every call is refused with BusyError, but for `evaluate` and
 * `predict` of a model without stateful layers; and during `fit` every one but `resetStates`, `getWeights` and `getStates`,
 * which then concern training. A callback must not await a call of the model that was made outside of it: that may be waiting
 * for the run.
 *
 * @see keras/src/callbacks/callback.py
 */
export interface Callback {
  /** Called by `fit` before all others, with what a callback may change of the model. */
  setModel?(model: ModelInTraining): void;
  onTrainBegin?(model: ModelInTraining): MaybePromise;
  onTrainEnd?(logs: Logs, model: ModelInTraining): MaybePromise;
  onEpochBegin?(epoch: number, model: ModelInTraining): MaybePromise;
  onEpochEnd?(epoch: number, logs: Logs, model: ModelInTraining): MaybePromise;
  onBatchBegin?(batch: number, model: ModelInTraining): MaybePromise;
  onBatchEnd?(batch: number, logs: Logs, model: ModelInTraining): MaybePromise;
  /** Validation inside `fit` and `evaluate` call these; resets made here are those of the tested batches. */
  onTestBegin?(model: ModelInTraining): MaybePromise;
  onTestEnd?(logs: Logs, model: ModelInTraining): MaybePromise;
  onTestBatchBegin?(batch: number, model: ModelInTraining): MaybePromise;
  onTestBatchEnd?(batch: number, logs: Logs, model: ModelInTraining): MaybePromise;
}

/** Options of `model.evaluate`. Callbacks may call it too, so both are declared here. */
export interface EvaluateOptions extends PredictOptions, Pick<SampleOptions, 'sampleWeight'> {
  /** When the states of a stateful model start from zero. Default: `'never'`. */
  resetStates?: ResetPolicy;
  /** Their `onTest…` functions are called. */
  callbacks?: readonly Callback[];
  /**
   * Called as soon as the call has its turn, then at most four times a second, and at the end; a promise that it returns is
   * awaited, and its error ends the call.
   */
  onProgress?: (progress: Progress) => MaybePromise;
}

/** Options of `evaluate` for batches of an iterable, which bring their own sizes, weights and lengths. */
export interface EvaluateBatchesOptions extends Pick<EvaluateOptions, 'callbacks' | 'onProgress' | 'signal'> {
  /** When the states of a stateful model start from zero: see `ResetPolicy`. Default: `'never'`. */
  resetStates?: ResetRule;
}

const FUNCTIONS: readonly string[] = [
  'setModel',
  ...['Train', 'Epoch', 'Batch', 'Test', 'TestBatch'].flatMap((what) => [`on${what}Begin`, `on${what}End`]),
];

/**
 * Checks a list of callbacks, and copies it.
 *
 * @throws ValueError unless it is a list of callbacks; a function named like those above that is none of them would never
 * be called, and is refused too
 */
export function checkCallbacks(where: string, callbacks: unknown = []): readonly Callback[] {
  if (!Array.isArray(callbacks)) {
    throw new ValueError(`${where}: callbacks is ${show(callbacks)}, expected a list, e.g. [earlyStopping()].`);
  }
  callbacks.forEach((callback: unknown, index) => {
    const which = `${where}: callbacks[${index}]`;
    if (typeof callback !== 'object' || callback === null) {
      throw new ValueError(`${which} is ${show(callback)}, expected an object with functions such as onEpochEnd.`);
    }
    for (const name of FUNCTIONS) optionalFunction(which, name, (callback as Record<string, unknown>)[name]);
    const wrong = namesIn(callback).find((name) => /^on[A-Z_]/.test(name) && !FUNCTIONS.includes(name));
    if (wrong !== undefined) {
      const list = FUNCTIONS.join(', ');
      throw new ValueError(
        `${which} has ${show(wrong)}, which is never called.${didYouMean(wrong, FUNCTIONS)} The functions are ${list}.`,
      );
    }
  });
  return [...(callbacks as Callback[])];
}

/** The names of all that an object has, also from its classes. */
function namesIn(object: object): string[] {
  const parent = Object.getPrototypeOf(object) as object | null;
  return [...Object.getOwnPropertyNames(object), ...(parent ? namesIn(parent) : [])];
}
