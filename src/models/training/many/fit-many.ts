import { ValueError } from '../../../runtime/errors.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import { knownOptions, optionalFunction, positiveInteger } from '../../../runtime/options.ts';
import type { Logs } from '../../execution/logs.ts';
import type { Maybe } from '../callbacks/callback.ts';
import { checkData, checkValidation, upload } from '../data/checked-data.ts';
import { checkShuffle, type FitOptions, type History } from '../fit.ts';
import { validationLogs } from '../means.ts';
import { ProgressClock, type Progress } from '../progress.ts';
import { checkResetPolicy } from '../reset-policy.ts';
import { assertAlike } from './alike.ts';
import { runEpochOfMany, type EpochOfManyOptions } from './epoch.ts';
import type { Member } from './member.ts';
import { Together } from './together.ts';

export interface TrainManyOptions extends Pick<FitOptions, 'batchSize' | 'epochs' | 'shuffle' | 'resetStates'> {
  /** Tested after every epoch, each time with states of their own, from zero. */
  validationData?: readonly [x: ArrayInput, y: ArrayInput];
  /** Called a few times a second; a promise that it returns is awaited, and its error ends the call. */
  onProgress?: (progress: ProgressOfMany) => Maybe;
}

/** How far the models are. */
export interface ProgressOfMany extends Pick<Progress, 'epoch' | 'epochs' | 'batch' | 'batches' | 'remainingSeconds'> {
  /** Means over this epoch so far, of each model. */
  logs: readonly Logs[];
  /** Of all models together. */
  updatesPerSecond: number;
}

const OPTIONS = ['batchSize', 'epochs', 'shuffle', 'resetStates', 'validationData', 'onProgress'];

/**
 * Checks a call of `trainMany` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @returns the loop itself, for when all models are free; it has to be called, since it frees the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function prepareMany(
  where: string,
  members: readonly Member[],
  x: ArrayInput,
  y: ArrayInput,
  options: TrainManyOptions,
  isStopped: () => boolean,
): () => Promise<History[]> {
  knownOptions(where, options, OPTIONS);
  const engines = members.map(({ engine }) => engine);
  const [first] = engines;
  const { epochs: passes = 1, onProgress } = options;
  optionalFunction(where, 'onProgress', onProgress);
  const epochs = positiveInteger(where, 'epochs', passes);
  const isShuffled = checkShuffle(where, options.shuffle, first.network.slots !== undefined);
  const training = checkData(first, where, ['x', 'y'], x, y, options.batchSize);
  first.assertFits(where, training.rows);
  assertAlike(where, engines, training.rows, training.x.shape[1]);
  const validation = checkValidation(first, where, options.validationData, training.batchSize);
  if (validation) {
    if (validation.weights) {
      throw new ValueError(
        `${where}: validationData has a sampleWeight, expected [x, y]. Train with model.fit instead.`,
      );
    }
    first.assertFits(where, validation.rows);
    assertAlike(where, engines, validation.rows, validation.x.shape[1]);
  }
  const { resets, continues } = checkResetPolicy(where, first.network, options.resetStates, training);
  if (continues) {
    throw new ValueError(
      `${where}: resetStates marks steps within samples, expected marks of samples only, one number each. Train with ` +
        `model.fit, or cut the samples at these steps.`,
    );
  }
  const samples = training.x.shape[0];
  const batches = Math.ceil(samples / training.rows);
  const tests = validation ? Math.ceil(validation.x.shape[0] / validation.rows) : 0;
  const asTheyLie = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);
  const [trainSet, testSet] = upload(first, training, validation);

  return async () => {
    const results = members.map((): History => ({ epoch: [], history: {} }));
    let together: Together | undefined;
    try {
      for (const { queue } of engines) await queue.flush();
      together = new Together(where, members);
      const trainFeed = together.feed(trainSet, 'train', training.rows, training.x.shape[1]);
      const testFeed = testSet && together.feed(testSet, 'test', validation!.rows, validation!.x.shape[1]);
      const clock = new ProgressClock(epochs * (batches + tests));
      for (let epoch = 0; epoch < epochs && !isStopped(); epoch++) {
        const report = (batch: number, logs: readonly Logs[], done: number): Maybe => {
          const place = { epoch, epochs, batch, batches };
          const told = clock.progress(epoch * (batches + tests) + done, place, logs[0]);
          const updatesPerSecond = members.length * told.updatesPerSecond;
          return onProgress?.({ ...place, logs, updatesPerSecond, remainingSeconds: told.remainingSeconds });
        };
        const common = { isDue: () => clock.isDue(), isStopped };
        const still = asTheyLie(samples);
        const trained = await runEpochOfMany(together, {
          ...common,
          feed: trainFeed,
          orders: members.map(({ random }) => (isShuffled ? random.permutation(samples) : still)),
          range: 'training',
          resets,
          report: (batch, means) => report(batch, means, batch),
        });
        let { logs } = trained;
        // Stopped before its first batch, an epoch has nothing to show.
        if (trained.batches > 0) await report(trained.batches, logs, trained.batches);
        if (testFeed && !isStopped()) {
          const order = asTheyLie(validation!.x.shape[0]);
          const tested = await validate(together, {
            ...common,
            feed: testFeed,
            orders: members.map(() => order),
            resets: typeof resets === 'number' ? resets : 'never',
            report: (batch) => report(batches, trained.logs, batches + batch),
          });
          logs = logs.map((own, index) => ({ ...own, ...validationLogs(tested[index]) }));
        }
        if (trained.batches > 0) results.forEach((result, index) => note(result, epoch, logs[index]));
      }
    } finally {
      await together?.end();
      trainSet.dispose();
      testSet?.dispose();
    }
    return results;
  };
}

async function validate(together: Together, options: Omit<EpochOfManyOptions, 'range'>): Promise<Logs[]> {
  together.resetStates('validation');
  return (await runEpochOfMany(together, { ...options, range: 'validation' })).logs;
}

function note({ epoch: epochs, history }: History, epoch: number, logs: Logs): void {
  epochs.push(epoch);
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
}
