import {
  Monitor,
  ValueError,
  type Callback,
  type Logs,
  type MaybePromise,
  type ModelInTraining,
  type MonitorOptions,
} from '../../index.ts';
import { knownOptions, show } from '../reading.ts';
import { saveModel } from '../save-model.ts';
import { checkStorage, type ModelStorage } from '../sources/storage.ts';
import { checkSaveFrequency, type SaveFrequency } from './save-frequency.ts';

export interface ModelCheckpointOptions extends MonitorOptions {
  /** Whether to save only when the figure is better than at all times before. Default: false. */
  saveBestOnly?: boolean;
  /** Whether to save the weights alone, as `.weights.h5`, instead of the whole model. Default: false. */
  saveWeightsOnly?: boolean;
  /** `'epoch'`, or after how many batches to save, which excludes saveBestOnly. Default: `'epoch'`. */
  saveFreq?: SaveFrequency;
  /** A figure that is no better than this is not saved. Default: none. */
  initialValueThreshold?: number;
}

/** When a model was saved: numbers from 0 of the epoch and of the last batch in it, and the logs there. */
export interface CheckpointMoment {
  epoch: number;
  /** Absent at the end of an epoch. */
  batch?: number;
  logs: Logs;
}

/**
 * Saves the model while it trains. The best figure is remembered from one `fit` to the next, as in Keras.
 *
 * @param storage where to write each file in place of the one before; or a function that is given the file and the moment, to
 * keep several under names of their own
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/callbacks/model_checkpoint.py
 */
export function modelCheckpoint(
  storage: ModelStorage | ((file: File, moment: CheckpointMoment) => MaybePromise),
  options: ModelCheckpointOptions = {},
): ModelCheckpoint {
  return new ModelCheckpoint(storage, options);
}

export class ModelCheckpoint implements Callback {
  /** The best value so far of the figure. */
  best?: number;
  readonly #write: (file: File, moment: CheckpointMoment) => MaybePromise;
  readonly #options: Required<Pick<ModelCheckpointOptions, 'saveBestOnly' | 'saveWeightsOnly' | 'saveFreq'>>;
  readonly #monitor: Monitor;
  #model?: ModelInTraining;
  #epoch = 0;
  /** How many batches have passed since the last one that was saved. */
  #batches = 0;

  /** @internal Use `modelCheckpoint`. */
  constructor(
    storage: ModelStorage | ((file: File, moment: CheckpointMoment) => MaybePromise),
    options: ModelCheckpointOptions,
  ) {
    const where = 'modelCheckpoint';
    const own = ['saveBestOnly', 'saveWeightsOnly', 'saveFreq', 'initialValueThreshold'];
    knownOptions(where, options, ['monitor', 'mode', ...own]);
    const { saveBestOnly = false, saveWeightsOnly = false, saveFreq = 'epoch', initialValueThreshold } = options;
    for (const [name, value] of Object.entries({ saveBestOnly, saveWeightsOnly })) {
      if (typeof value !== 'boolean')
        throw new ValueError(`${where}: ${name} is ${show(value)}, expected true or false.`);
    }
    if (initialValueThreshold !== undefined && !Number.isFinite(initialValueThreshold)) {
      const given = show(initialValueThreshold);
      throw new ValueError(`${where}: initialValueThreshold is ${given}, expected a finite number.`);
    }
    if (checkSaveFrequency(where, saveFreq) !== 'epoch' && saveBestOnly) {
      throw new ValueError(
        `${where}: saveBestOnly needs saveFreq "epoch", since the figures of a batch are known only some time after it.`,
      );
    }
    this.#monitor = new Monitor(where, options);
    this.#options = { saveBestOnly, saveWeightsOnly, saveFreq };
    this.best = initialValueThreshold;
    this.#write = typeof storage === 'function' ? storage : (file) => checkStorage(where, storage).write(file);
    if (typeof storage !== 'function') checkStorage(where, storage);
  }

  setModel(model: ModelInTraining): void {
    this.#model = model;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  async onBatchEnd(batch: number, logs: Logs): Promise<void> {
    if (this.#options.saveFreq === 'epoch') return;
    this.#batches++;
    if (this.#batches < this.#options.saveFreq) return;
    this.#batches = 0;
    await this.#save({ epoch: this.#epoch, batch, logs });
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { saveFreq, saveBestOnly } = this.#options;
    if (saveFreq !== 'epoch') return;
    if (saveBestOnly) {
      const value = this.#monitor.read(logs, this.#model!.stopTraining);
      if (value === undefined || !this.#monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    await this.#save({ epoch, logs });
  }

  async #save(moment: CheckpointMoment): Promise<void> {
    const format = this.#options.saveWeightsOnly ? 'weights' : 'keras';
    await this.#write(await saveModel(this.#model!, { format }), moment);
  }
}
