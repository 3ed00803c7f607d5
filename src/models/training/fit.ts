import { ValueError } from '../../runtime/errors.ts';
import type { ArrayInput } from '../arrays.ts';
import { knownOptions, positiveInteger, show } from '../layers/options.ts';
import type { Random } from '../random.ts';
import { notify, type Callback, type Logs } from './callbacks.ts';
import { checkData, upload } from './checked-data.ts';
import type { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';
import { runEpoch, type EpochOptions } from './epoch.ts';
import { validationLogs } from './means.ts';
import { ProgressClock, type Progress } from './progress.ts';

export interface FitOptions {
  /** Samples in a batch. Default: the model's batchSize if it has one, otherwise 32. */
  batchSize?: number;
  /** How many times to go through the data. Default: 1. */
  epochs?: number;
  /** A new order of the samples in every epoch. Default: true, but false for a stateful model. */
  shuffle?: boolean;
  /** Tested after every epoch, in state slots of its own and from zero: the states of training are left alone. */
  validationData?: readonly [x: ArrayInput, y: ArrayInput];
  callbacks?: readonly Callback[];
  /** Called a few times a second. */
  onProgress?: (progress: Progress) => void;
}

/** What `fit` returns: a value an epoch for the loss, each metric, and those of validation (`valLoss`, …). */
export interface History {
  epoch: number[];
  history: Record<string, number[]>;
}

const OPTIONS = ['batchSize', 'epochs', 'shuffle', 'validationData', 'callbacks', 'onProgress'];

/** The loop behind `model.fit`. */
export async function fit(
  engine: Engine,
  random: Random,
  x: ArrayInput,
  y: ArrayInput,
  options: FitOptions,
  isStopped: () => boolean,
): Promise<History> {
  const where = 'model.fit';
  knownOptions(where, options, OPTIONS);
  const { callbacks = [], onProgress, validationData } = options;
  const epochs = positiveInteger(where, 'epochs', options.epochs ?? 1);
  const shuffle = options.shuffle ?? engine.network.slots === undefined;
  if (typeof shuffle !== 'boolean') {
    throw new ValueError(`${where}: shuffle is ${show(shuffle)}, expected true or false.`);
  }
  const training = checkData(engine, where, ['x', 'y'], x, y, options.batchSize);
  const names = ['validationData[0]', 'validationData[1]'];
  const validation =
    validationData && checkData(engine, where, names, validationData[0], validationData[1], training.rows);

  const samples = training.x.shape[0];
  const batches = Math.ceil(samples / training.rows);
  const tests = validation ? Math.ceil(validation.x.shape[0] / validation.rows) : 0;
  const clock = new ProgressClock(epochs * (batches + tests), onProgress);
  const result: History = { epoch: [], history: {} };
  let logs: Logs = {};
  let trainSet: Dataset | undefined;
  let testSet: Dataset | undefined;
  try {
    trainSet = upload(engine, 'train', training);
    testSet = validation && upload(engine, 'test', validation);
    await notify(callbacks, 'onTrainBegin');
    for (let epoch = 0; epoch < epochs && !isStopped(); epoch++) {
      const report = (batch: number, means: Logs, done: number) =>
        clock.report(epoch * (batches + tests) + done, { epoch, epochs, batch, batches }, means);
      await notify(callbacks, 'onEpochBegin', epoch);
      logs = await runEpoch(engine, {
        dataset: trainSet,
        samples,
        order: shuffle ? random.permutation(samples) : undefined,
        callbacks,
        isDue: () => clock.isDue(),
        report: (batch, means) => report(batch, means, batch),
        isStopped,
      });
      report(batches, logs, batches);
      if (testSet && !isStopped()) {
        const tested = await validate(engine, testSet, validation!.x.shape[0], callbacks, isStopped, {
          isDue: () => clock.isDue(),
          report: (batch) => report(batches, logs, batches + batch),
        });
        logs = { ...logs, ...validationLogs(tested) };
      }
      result.epoch.push(epoch);
      for (const [name, value] of Object.entries(logs)) (result.history[name] ??= []).push(value);
      await notify(callbacks, 'onEpochEnd', epoch, logs);
    }
    await notify(callbacks, 'onTrainEnd', logs);
  } finally {
    await engine.release(trainSet, testSet);
  }
  return result;
}

/** Tests in slots of their own, so that the next epoch continues where training was. */
async function validate(
  engine: Engine,
  dataset: Dataset,
  samples: number,
  callbacks: readonly Callback[],
  isStopped: () => boolean,
  progress: Pick<EpochOptions, 'isDue' | 'report'>,
): Promise<Logs> {
  const { slots, batchSize } = engine.network;
  engine.isValidating = slots !== undefined;
  slots?.resetRange(engine.firstSlot, batchSize!);
  try {
    await notify(callbacks, 'onTestBegin');
    const logs = await runEpoch(engine, { dataset, samples, callbacks, isStopped, ...progress });
    await notify(callbacks, 'onTestEnd', logs);
    return logs;
  } finally {
    engine.isValidating = false;
  }
}
