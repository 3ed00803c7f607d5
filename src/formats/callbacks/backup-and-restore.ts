import { ShapeError, ValueError, type Callback, type ModelInTraining, type RandomState } from '../../index.ts';
import { contentsOfModel } from '../contents-of-model.ts';
import type { ModelContents, TrainingPosition } from '../contents.ts';
import { checkForm, readContents, shapesOf } from '../load-model.ts';
import { findNotFinite } from '../not-finite.ts';
import { knownOptions, show } from '../reading.ts';
import { filesOfContents } from '../save-model.ts';
import { checkStorage, type ModelStorage } from '../sources/storage.ts';
import { stateWithoutNames, withoutNames } from '../without-names.ts';
import { checkSaveFrequency, type SaveFrequency } from './save-frequency.ts';

export interface BackupAndRestoreOptions {
  /** `'epoch'`, or after how many batches to save. Default: `'epoch'`. */
  saveFreq?: SaveFrequency;
  /** Whether to remove the backup when `fit` has ended. Default: true. */
  deleteCheckpoint?: boolean;
}

const WHERE = 'backupAndRestore';

/**
 * Saves all that a training needs while it goes on, and lets the `fit` that comes after a crash, a closed page or the loss of a
 * device go on from there, with the bits that it would have had. If there is a backup, `fit` begins with its weights, the
 * optimizer's, the random and the slots' states, and its place among the epochs, whatever the model had before. Give that `fit`
 * the same data and the same options; an iterable is asked for the batches before that place too, which are left out. What
 * other callbacks remember, such as the patience of `earlyStopping`, begins anew. Put this callback last: what those behind it
 * change after an epoch, such as the learning rate, is not in the backup.
 *
 * A model of which a number is NaN or infinite is not saved, so that the backup before it stays.
 *
 * After the loss of a device make the model anew, with `loadModel(gpu, await storage.read())` on a new one:
 *
 * ```ts
 * const storage = indexedDbStorage('training');
 * const backup = await storage.read();
 * const model = backup ? await loadModel(gpu, backup) : await makeModel(gpu);
 * await model.fit(x, y, { epochs: 100, callbacks: [backupAndRestore(storage)] });
 * ```
 *
 * `fit` rejects with ValueError or ShapeError before its first epoch if the backup is that of another model.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/callbacks/backup_and_restore.py
 */
export function backupAndRestore(storage: ModelStorage, options: BackupAndRestoreOptions = {}): Callback {
  checkStorage(WHERE, storage);
  knownOptions(WHERE, options, ['saveFreq', 'deleteCheckpoint']);
  const { saveFreq = 'epoch', deleteCheckpoint = true } = options;
  checkSaveFrequency(WHERE, saveFreq);
  if (typeof deleteCheckpoint !== 'boolean') {
    throw new ValueError(`${WHERE}: deleteCheckpoint is ${show(deleteCheckpoint)}, expected true or false.`);
  }
  return new BackupAndRestore(storage, { saveFreq, deleteCheckpoint });
}

class BackupAndRestore implements Callback {
  #model?: ModelInTraining;
  #epoch = 0;
  /** How many batches have been trained on since the last one that was saved. */
  #batches = 0;
  /** Where the order of samples of this epoch was drawn from. */
  #shuffle?: RandomState['shuffle'];

  constructor(
    private readonly storage: ModelStorage,
    private readonly options: Required<BackupAndRestoreOptions>,
  ) {}

  setModel(model: ModelInTraining): void {
    this.#model = model;
  }

  async onTrainBegin(): Promise<void> {
    this.#batches = 0;
    const backup = await this.storage.read();
    if (backup) await restore(this.#model!, await readBackup(this.#model!, backup));
    // A model that no file can hold is refused now, and not after an epoch, whose work would be lost.
    else await this.#fileOf({ epoch: 0, batch: 0 });
  }

  async onEpochBegin(epoch: number): Promise<void> {
    this.#epoch = epoch;
    this.#shuffle = (await this.#model!.getRandomState()).shuffle;
  }

  /**
   * Saves at the beginning of a batch instead of at the end of the one before, so that the epoch has at least one batch left:
   * an epoch that is continued gets its logs from its last batch.
   */
  async onBatchBegin(batch: number): Promise<void> {
    if (batch > 0 && this.#isDue()) await this.#save({ epoch: this.#epoch, batch }, this.#shuffle);
  }

  onBatchEnd(): void {
    this.#batches++;
  }

  async onEpochEnd(epoch: number): Promise<void> {
    if (this.options.saveFreq === 'epoch' || this.#isDue()) await this.#save({ epoch: epoch + 1, batch: 0 });
  }

  async onTrainEnd(): Promise<void> {
    if (this.options.deleteCheckpoint) await this.storage.delete();
  }

  #isDue(): boolean {
    const { saveFreq } = this.options;
    return saveFreq !== 'epoch' && this.#batches >= saveFreq;
  }

  async #save(position: TrainingPosition, shuffle?: RandomState['shuffle']): Promise<void> {
    this.#batches = 0;
    const file = await this.#fileOf(position, shuffle);
    if (file) await this.storage.write(file);
  }

  /**
   * @param shuffle the state from which the order of samples is to be drawn again. Default: that of now
   * @returns nothing if a number of the model is not finite
   * @throws ValueError, UnsupportedError (as rejections) if no file can hold the model
   */
  async #fileOf(position: TrainingPosition, shuffle?: RandomState['shuffle']): Promise<File | undefined> {
    const contents = await contentsOfModel(WHERE, this.#model!, { states: true });
    if (findNotFinite(contents)) return undefined;
    const { dropout, shuffle: next } = contents.randomState!;
    const randomState = { shuffle: shuffle ?? next, dropout };
    const [file] = await filesOfContents(WHERE, { ...contents, randomState, position }, 'keras', 'backup');
    return file;
  }
}

/** @throws ValueError, ShapeError (as rejections) if it is no backup of this model */
async function readBackup(model: ModelInTraining, backup: File): Promise<ModelContents> {
  const { where, contents } = await readContents(WHERE, backup);
  if (!contents.position || !contents.optimizerState || !contents.randomState) {
    throw new ValueError(`${where}: it was not saved by backupAndRestore. Give that a storage of its own.`);
  }
  const own = await contentsOfModel(where, model, { states: true });
  checkForm(where, contents, own);
  const [saved, optimizer] = [contents, own].map(({ compile }) => compile?.optimizer.name);
  if (saved !== optimizer) {
    throw new ValueError(`${where}: its optimizer is ${saved}, but the model's is ${optimizer}.`);
  }
  const [given, expected] = [contents, own].map(({ states = [] }) => shapesOf(states));
  if (given !== expected) {
    throw new ShapeError(
      `${where}: the states have the shapes ${given || '–'}, but those of the model ${expected || '–'}.`,
    );
  }
  return contents;
}

/** Begins with all that can be refused, so that a refusal leaves the model as it was. */
async function restore(model: ModelInTraining, contents: ModelContents): Promise<void> {
  const { weights, optimizerState, randomState, states, position } = contents;
  model.setOptimizerState(stateWithoutNames(optimizerState!));
  if (states) model.setStates(states);
  model.setRandomState(randomState!);
  model.continueFrom(position!);
  await model.setWeights(withoutNames(weights!));
}
