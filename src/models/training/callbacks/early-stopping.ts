import { finiteNumber, knownOptions, optionalNonNegatives, trueOrFalse } from '../../../runtime/options.ts';
import type { Weight } from '../../network/parameters.ts';
import type { Logs } from '../../execution/logs.ts';
import type { Callback, ModelInTraining } from './callback.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** An improvement by no more than this does not count as one. Default: 0. */
  minDelta?: number;
  /** How many epochs may pass without a better one. Default: 0. */
  patience?: number;
  /** Only an epoch that is better than this restarts the count of `patience`. Default: none. */
  baseline?: number;
  /**
   * Ends with the weights of the best epoch, also if it was not stopped; if the figure was NaN in all of them, with those
   * from before the training. Default: false.
   */
  restoreBestWeights?: boolean;
  /** Epochs before this one are not looked at. Default: 0. */
  startFromEpoch?: number;
}

/**
 * Ends `fit` when a figure has not improved for some epochs.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/callbacks/early_stopping.py
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return new EarlyStopping(options);
}

export class EarlyStopping implements Callback {
  /** The epoch at which it stopped; 0 if it did not. */
  stoppedEpoch = 0;
  /** The best value so far, and its epoch. */
  best?: number;
  bestEpoch = 0;
  #wait = 0;
  #bestWeights?: Weight[];
  #firstWeights?: Weight[];
  #hasSeenNaN = false;
  #model?: ModelInTraining;
  readonly #monitor: Monitor;
  readonly #options: Required<Pick<EarlyStoppingOptions, 'patience' | 'restoreBestWeights' | 'startFromEpoch'>>;
  readonly #baseline?: number;

  /** @internal Use `earlyStopping`. */
  constructor(options: EarlyStoppingOptions) {
    const where = 'earlyStopping';
    const own = ['minDelta', 'patience', 'baseline', 'restoreBestWeights', 'startFromEpoch'];
    knownOptions(where, options, ['monitor', 'mode', ...own]);
    const { minDelta = 0, patience = 0, baseline, restoreBestWeights = false, startFromEpoch = 0 } = options;
    finiteNumber(where, 'minDelta', minDelta);
    optionalNonNegatives(where, { patience, startFromEpoch });
    if (baseline !== undefined) finiteNumber(where, 'baseline', baseline);
    trueOrFalse(where, 'restoreBestWeights', restoreBestWeights);
    this.#monitor = new Monitor(where, options, Math.abs(minDelta));
    this.#options = { patience, restoreBestWeights, startFromEpoch };
    this.#baseline = baseline;
  }

  setModel(model: ModelInTraining): void {
    this.#model = model;
  }

  async onTrainBegin(): Promise<void> {
    this.stoppedEpoch = 0;
    this.best = undefined;
    this.bestEpoch = 0;
    this.#wait = 0;
    this.#bestWeights = undefined;
    this.#hasSeenNaN = false;
    if (this.#options.restoreBestWeights) this.#firstWeights = await this.#model!.getWeights();
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const model = this.#model!;
    const { patience, restoreBestWeights, startFromEpoch } = this.#options;
    const value = this.#monitor.read(logs, model.stopTraining);
    if (value === undefined || epoch < startFromEpoch) return;
    this.#hasSeenNaN ||= Number.isNaN(value);
    this.#wait++;
    const isBetter = this.#monitor.isBetter(value, this.best);
    if (restoreBestWeights && isBetter) this.#bestWeights = await model.getWeights();
    if (isBetter) {
      this.best = value;
      this.bestEpoch = epoch;
      if (this.#baseline === undefined || this.#monitor.isBetter(value, this.#baseline)) this.#wait = 0;
    } else if (this.#wait >= patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      model.stopTraining = true;
    }
  }

  async onTrainEnd(): Promise<void> {
    const weights = this.#bestWeights ?? (this.#hasSeenNaN ? this.#firstWeights : undefined);
    if (weights) await this.#model!.setWeights(weights);
  }
}
