import {
  Monitor,
  ValueError,
  type Callback,
  type Logs,
  type ModelInTraining,
  type MonitorOptions,
} from '../../index.ts';
import { contentsOfModel } from '../contents-of-model.ts';
import { findNotFinite } from '../not-finite.ts';
import { knownOptions, show } from '../reading.ts';
import { filesOfContents } from '../save-model.ts';
import { indexedDbStorage } from '../sources/indexed-db.ts';
import type { ModelStorage } from '../sources/storage.ts';
import { checkPattern, fillPattern } from './file-path.ts';
import { checkSaveFrequency, type SaveFrequency } from './save-frequency.ts';

/** A place that a file can be written to. */
export type ModelDestination = Pick<ModelStorage, 'write'>;

export interface ModelCheckpointOptions extends MonitorOptions {
  /** Makes the place for a path. Default: `indexedDbStorage`. */
  storage?: (path: string) => ModelDestination;
  /** Whether to save only when the figure is better than at all times before. Default: false. */
  saveBestOnly?: boolean;
  /** Whether to save the weights alone, as `.weights.h5`, instead of the whole model. Default: false. */
  saveWeightsOnly?: boolean;
  /** `'epoch'`, or after how many batches to save, which excludes saveBestOnly. Default: `'epoch'`. */
  saveFreq?: SaveFrequency;
  /** With `saveBestOnly`, a model is saved only if its figure is better than this. Default: any is. */
  initialValueThreshold?: number;
}

/**
 * Saves the model while it trains. The best figure is remembered from one `fit` to the next, as in Keras. A model of which a
 * number is NaN or infinite is not saved, since nobody could load it.
 *
 * In a path such as `'{epoch:02d}-{valLoss:.2f}.keras'` fields in Python's formats are filled in: `epoch`, the figures of the
 * logs, and `batch` if `saveFreq` is a number of batches. Epochs and batches count from 1 there, as in Keras.
 *
 * @param destination the path of the file, which ends in `.keras`, or in `.weights.h5` with `saveWeightsOnly`; or a storage, in
 * which each file takes the place of the one before
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/callbacks/model_checkpoint.py
 */
export function modelCheckpoint(
  destination: string | ModelDestination,
  options: ModelCheckpointOptions = {},
): ModelCheckpoint {
  return new ModelCheckpoint(destination, options);
}

const WHERE = 'modelCheckpoint';

export class ModelCheckpoint implements Callback {
  /** The best value so far of the figure. */
  best?: number;
  readonly #destination: string | ModelDestination;
  readonly #options: Checked;
  readonly #monitor: Monitor;
  #model?: ModelInTraining;
  #epoch = 0;
  /** How many batches have passed since the last one that was saved. */
  #batches = 0;

  /** @internal Use `modelCheckpoint`. */
  constructor(destination: string | ModelDestination, options: ModelCheckpointOptions) {
    this.#options = check(options);
    checkDestination(destination, options);
    this.#monitor = new Monitor(WHERE, options);
    this.#destination = destination;
    this.best = options.initialValueThreshold;
  }

  setModel(model: ModelInTraining): void {
    this.#model = model;
  }

  /** A model that no file can hold is refused now, and not after an epoch, whose work would be lost. */
  async onTrainBegin(): Promise<void> {
    await this.#fileNamed('model');
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  async onBatchEnd(batch: number, logs: Logs): Promise<void> {
    if (this.#options.saveFreq === 'epoch') return;
    this.#batches++;
    if (this.#batches < this.#options.saveFreq) return;
    this.#batches = 0;
    // A figure of the logs that is itself called "batch" takes the place of the number of the batch, as in Keras.
    await this.#save({ epoch: this.#epoch + 1, batch: batch + 1, ...logs });
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { saveFreq, saveBestOnly } = this.#options;
    if (saveFreq !== 'epoch') return;
    if (saveBestOnly) {
      const value = this.#monitor.read(logs, this.#model!.stopTraining);
      if (value === undefined || !this.#monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    await this.#save({ epoch: epoch + 1, ...logs });
  }

  async #save(numbers: Readonly<Record<string, number>>): Promise<void> {
    const { saveWeightsOnly, storage } = this.#options;
    const ending = endingOf(saveWeightsOnly);
    const isPath = typeof this.#destination === 'string';
    const path = isPath ? fillPattern(WHERE, this.#destination as string, numbers) : `model${ending}`;
    const file = await this.#fileNamed(path.slice(path.lastIndexOf('/') + 1, -ending.length));
    if (file) await (isPath ? storage(path) : (this.#destination as ModelDestination)).write(file);
  }

  /**
   * @returns nothing if a number of the model is not finite
   * @throws ValueError, UnsupportedError (as rejections) if no file can hold the model
   */
  async #fileNamed(name: string): Promise<File | undefined> {
    const { saveWeightsOnly } = this.#options;
    const contents = await contentsOfModel(WHERE, this.#model!, { training: !saveWeightsOnly });
    if (findNotFinite(contents)) return undefined;
    const [file] = await filesOfContents(WHERE, contents, saveWeightsOnly ? 'weights' : 'keras', name);
    return file;
  }
}

type Checked = Required<Pick<ModelCheckpointOptions, 'saveBestOnly' | 'saveWeightsOnly' | 'saveFreq' | 'storage'>>;

/** @throws ValueError */
function check(options: ModelCheckpointOptions): Checked {
  const own = ['saveBestOnly', 'saveWeightsOnly', 'saveFreq', 'initialValueThreshold', 'storage'];
  knownOptions(WHERE, options, ['monitor', 'mode', ...own]);
  const { saveBestOnly = false, saveWeightsOnly = false, saveFreq = 'epoch', initialValueThreshold } = options;
  for (const [name, value] of Object.entries({ saveBestOnly, saveWeightsOnly })) {
    if (typeof value === 'boolean') continue;
    throw new ValueError(`${WHERE}: ${name} is ${show(value)}, expected true or false.`);
  }
  if (initialValueThreshold !== undefined && !Number.isFinite(initialValueThreshold)) {
    const given = show(initialValueThreshold);
    throw new ValueError(`${WHERE}: initialValueThreshold is ${given}, expected a finite number.`);
  }
  if (checkSaveFrequency(WHERE, saveFreq) !== 'epoch' && saveBestOnly) {
    throw new ValueError(
      `${WHERE}: saveBestOnly needs saveFreq "epoch", since the figures of a batch are known only some time after it.`,
    );
  }
  const { storage = indexedDbStorage } = options;
  return { saveBestOnly, saveWeightsOnly, saveFreq, storage };
}

const endingOf = (saveWeightsOnly: boolean) => (saveWeightsOnly ? '.weights.h5' : '.keras');

/** @throws ValueError unless it is a path with the right ending, or has the method to write */
function checkDestination(destination: unknown, { saveWeightsOnly = false, storage }: ModelCheckpointOptions): void {
  if (typeof destination === 'string') {
    const ending = endingOf(saveWeightsOnly);
    checkPattern(WHERE, destination);
    if (destination.endsWith(ending) && destination.split('/').at(-1) !== ending) {
      if (storage === undefined || typeof storage === 'function') return;
      throw new ValueError(`${WHERE}: storage is ${show(storage)}, expected a function such as opfsStorage.`);
    }
    const why = `with saveWeightsOnly: ${saveWeightsOnly}`;
    throw new ValueError(`${WHERE}: the path is ${show(destination)}, expected one that ends in "${ending}" ${why}.`);
  }
  if (typeof (destination as ModelDestination | null)?.write !== 'function') {
    throw new ValueError(
      `${WHERE}: got ${show(destination)}, expected a path such as "{epoch:02d}.keras", or a storage such as ` +
        `indexedDbStorage("best").`,
    );
  }
  if (storage === undefined) return;
  throw new ValueError(
    `${WHERE}: the option storage makes the place for a path, but the first argument is a storage. Leave the option out.`,
  );
}
