import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, oneOf, optionalFunction, positiveInteger, show } from '../../runtime/options.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { Random } from '../network/random.ts';
import { checkCallbacks, type Callback, type Maybe } from './callbacks/callback.ts';
import { checkData, checkValidation, upload, type ValidationData, type Weighting } from './data/checked-data.ts';
import type { Lengths } from './data/lengths.ts';
import type { Engine } from './engine/engine.ts';
import type { ProgramKey } from './engine/programs.ts';
import type { Run } from './engine/run.ts';
import { runEpoch, type EpochOptions } from './epoch.ts';
import type { Logs } from '../execution/logs.ts';
import { validationLogs } from './means.ts';
import { ProgressClock, type Progress } from './progress.ts';
import { checkResetPolicy, type ResetPolicy } from './reset-policy.ts';
import { checkTruncate, trainingPrograms, trainingWindows } from './truncate.ts';

export interface FitOptions extends Weighting {
  /**
   * Samples in a batch; if there are fewer, all of them. Default: the model's batchSize if it has one, otherwise 32. A
   * stateful model trains on batches of at most as many rows as it has.
   */
  batchSize?: number;
  /** How many times to go through the data. Default: 1. */
  epochs?: number;
  /**
   * A new order of the samples in every epoch. Default: true, but false for a stateful model, where row i of a batch
   * continues row i of the one before: there `true` is refused and `'force'` shuffles all the same.
   */
  shuffle?: boolean | 'force';
  /** Tested after every epoch; without `initialState`, which is that of x. */
  validationData?: ValidationData;
  /** `lengths` of the validation data. */
  validationLengths?: Lengths;
  /**
   * The states that validation continues: `'own'`, the default, from zero each time, so that those of training are left
   * alone; or `'carry'`, as in Keras: those of training, which then go on from where validation left them.
   */
  validationStates?: 'own' | 'carry';
  /**
   * When the states of a stateful model start from zero. A number of batches also counts for validation. Default:
   * `'never'`, as in Keras.
   */
  resetStates?: ResetPolicy;
  /**
   * Cuts sequences into stretches of so many steps, each an update: states are carried from one to the next, gradients are
   * not (truncated back-propagation through time). For stateful models with an output for every step.
   */
  truncate?: number;
  callbacks?: readonly Callback[];
  /**
   * Called at most four times a second within an epoch, and after every epoch; a promise that it returns is awaited, and its
   * error ends the call.
   */
  onProgress?: (progress: Progress) => Maybe;
}

/** What `fit` returns: a value an epoch for the loss, each metric, and those of validation (`valLoss`, …). */
export interface History {
  epoch: number[];
  history: Record<string, number[]>;
}

const OPTIONS = [
  'batchSize',
  'epochs',
  'shuffle',
  'lengths',
  'sampleWeight',
  'classWeight',
  'initialState',
  'validationData',
  'validationLengths',
  'validationStates',
  'resetStates',
  'truncate',
  'callbacks',
  'onProgress',
];

/**
 * Checks a call of `model.fit` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @param stop tells whether it is to end early
 * @returns the loop itself, for when the turn of the call has come; it has to be called, since it frees the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareFit(
  engine: Engine,
  random: Random,
  x: ArrayInput,
  y: ArrayInput,
  options: FitOptions,
  stop: { readonly stopTraining: boolean },
): (run: Run) => Promise<History> {
  const where = 'model.fit';
  knownOptions(where, options, OPTIONS);
  const { onProgress, epochs: passes = 1, validationStates: continued = 'own' } = options;
  const callbacks = checkCallbacks(where, options.callbacks);
  optionalFunction(where, 'onProgress', onProgress);
  const isStopped = () => stop.stopTraining;
  const epochs = positiveInteger(where, 'epochs', passes);
  const shuffle = checkShuffle(where, options.shuffle, engine.network.slots !== undefined);
  const validationStates = oneOf(where, 'validationStates', continued, ['own', 'carry']);
  const compiled = engine.compiled!;
  const training = checkData(engine, where, ['x', 'y'], x, y, options.batchSize, options);
  engine.assertFits(where, training.rows);
  const { validationData, validationLengths } = options;
  const validation = checkValidation(engine, where, validationData, training.batchSize, validationLengths);
  if (validation) engine.assertFits(where, validation.rows);

  const samples = training.x.shape[0];
  const steps = training.x.shape[1];
  const length = checkTruncate(where, engine, options.truncate, steps, options.initialState);
  const { resets, continues } = checkResetPolicy(where, engine.network, options.resetStates, training);
  const batches = Math.ceil(samples / training.rows);
  const tests = validation ? Math.ceil(validation.x.shape[0] / validation.rows) : 0;
  const [trainSet, testSet] = upload(engine, { ...training, continues }, validation);

  return async (run) => {
    const result: History = { epoch: [], history: {} };
    let logs: Logs = {};
    try {
      const keys = trainingPrograms(trainSet.demands, training.rows, steps, length, compiled);
      const testKey: ProgramKey | undefined = testSet && {
        mode: 'test',
        rows: validation!.rows,
        steps: validation!.x.shape[1],
        demands: testSet.demands,
        compiled,
      };
      await engine.begin(run, testKey ? [...keys, testKey] : keys);
      // From here on: timing candidates, which happens once, must not count in the estimate of what remains.
      const clock = new ProgressClock(epochs * (batches + tests));
      const windows = trainingWindows(engine, trainSet, keys);
      const testFeed = testKey && testSet!.feed(engine.programs.get(testKey));
      for (const callback of callbacks) await run.call((model) => callback.setModel?.(model));
      await run.notify(callbacks, 'onTrainBegin');
      for (let epoch = 0; epoch < epochs && !isStopped(); epoch++) {
        const report = (batch: number, means: Logs, done: number) => {
          const total = epoch * (batches + tests) + done;
          const progress = clock.progress(total, { epoch, epochs, batch, batches }, means);
          return run.call(() => onProgress?.(progress));
        };
        await run.notify(callbacks, 'onEpochBegin', epoch);
        const trained = await runEpoch(engine, run, {
          windows,
          samples,
          resets,
          order: shuffle ? random.permutation(samples) : undefined,
          callbacks,
          isDue: () => clock.isDue(),
          report: (batch, means) => report(batch, means, batch),
          isStopped,
        });
        // Stopped before its first batch, an epoch has nothing to show.
        const hasBegun = trained.batches > 0;
        if (hasBegun) {
          logs = trained.logs;
          await report(trained.batches, logs, trained.batches);
        }
        if (testFeed && !isStopped()) {
          const tested = await validate(engine, run, validationStates, {
            windows: [{ feed: testFeed, firstStep: 0 }],
            samples: validation!.x.shape[0],
            resets: typeof resets === 'number' ? resets : 'never',
            callbacks,
            isDue: () => clock.isDue(),
            report: (batch) => report(batches, logs, batches + batch),
            isStopped,
          });
          logs = { ...logs, ...validationLogs(tested) };
        }
        if (hasBegun) {
          result.epoch.push(epoch);
          for (const [name, value] of Object.entries(logs)) (result.history[name] ??= []).push(value);
        }
        await run.notify(callbacks, 'onEpochEnd', epoch, hasBegun ? logs : {});
      }
      await run.notify(callbacks, 'onTrainEnd', logs);
    } finally {
      await engine.release(run, trainSet, testSet);
    }
    return result;
  };
}

/** In states of its own validation starts from zero, and the next epoch continues where training was. */
async function validate(engine: Engine, run: Run, states: 'own' | 'carry', options: EpochOptions): Promise<Logs> {
  if (states === 'own') {
    engine.resetStates('validation');
    run.range = 'validation';
  }
  try {
    await run.notify(options.callbacks, 'onTestBegin');
    const { logs } = await runEpoch(engine, run, options);
    await run.notify(options.callbacks, 'onTestEnd', logs);
    return logs;
  } finally {
    run.range = 'training';
  }
}

/** @throws ValueError */
export function checkShuffle(where: string, shuffle: unknown, isStateful: boolean): boolean {
  if (shuffle === undefined) return !isStateful;
  if (shuffle === 'force') return true;
  if (typeof shuffle !== 'boolean') {
    throw new ValueError(`${where}: shuffle is ${show(shuffle)}, expected true or false, or 'force'.`);
  }
  if (shuffle && isStateful) {
    throw new ValueError(
      `${where}: shuffle is true, but in a stateful model row i of a batch continues row i of the batch before, and ` +
        `shuffled samples would continue strangers. Leave it out, or shuffle all the same with shuffle: 'force'.`,
    );
  }
  return shuffle;
}
