import { ValueError } from '../../../runtime/errors.ts';
import type { ArrayInput } from '../../arrays.ts';
import { knownOptions, positiveInteger } from '../../../runtime/options.ts';
import type { Logs } from '../callbacks/callback.ts';
import { checkData, upload, type CheckedData } from '../data/checked-data.ts';
import type { Engine } from '../engine/engine.ts';
import { checkShuffle, type FitOptions, type History } from '../fit.ts';
import { validationLogs } from '../means.ts';
import { ProgressClock, type Progress } from '../progress.ts';
import { checkResetPolicy, type ResetPolicy } from '../reset-policy.ts';
import { assertAlike } from './alike.ts';
import { runEpochOfMany, type EpochOfManyOptions } from './epoch.ts';
import type { Member } from './member.ts';
import { Together } from './together.ts';

export interface TrainManyOptions extends Pick<FitOptions, 'batchSize' | 'epochs' | 'shuffle' | 'resetStates'> {
  /** Tested after every epoch, each time with states of their own, from zero. */
  validationData?: readonly [x: ArrayInput, y: ArrayInput];
  /** Called a few times a second. */
  onProgress?: (progress: ProgressOfMany) => void;
}

/** How far the models are. */
export interface ProgressOfMany extends Pick<Progress, 'epoch' | 'epochs' | 'batch' | 'batches' | 'remainingSeconds'> {
  /** Means over this epoch so far, of each model. */
  logs: readonly Logs[];
  /** Of all models together. */
  updatesPerSecond: number;
}

const OPTIONS = ['batchSize', 'epochs', 'shuffle', 'resetStates', 'validationData', 'onProgress'];

/** What `trainMany` was asked for, checked. */
export interface ManyPlan {
  training: CheckedData;
  validation?: CheckedData;
  resets: ResetPolicy;
  epochs: number;
  isShuffled: boolean;
  onProgress?: (progress: ProgressOfMany) => void;
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function planMany(
  where: string,
  engines: readonly Engine[],
  x: ArrayInput,
  y: ArrayInput,
  options: TrainManyOptions,
): ManyPlan {
  knownOptions(where, options, OPTIONS);
  const [first] = engines;
  const epochs = positiveInteger(where, 'epochs', options.epochs ?? 1);
  const isShuffled = checkShuffle(where, options.shuffle, first.network.slots !== undefined);
  const training = checkData(first, where, ['x', 'y'], x, y, options.batchSize);
  first.assertFits(where, training.rows);
  assertAlike(where, engines, training.rows, training.x.shape[1]);
  const names = ['validationData[0]', 'validationData[1]'];
  const validation = options.validationData && checkData(first, where, names, ...options.validationData, training.rows);
  if (validation) assertAlike(where, engines, validation.rows, validation.x.shape[1]);
  const { resets, continues } = checkResetPolicy(where, first.network, options.resetStates, training);
  if (continues) {
    throw new ValueError(
      `${where}: resetStates marks steps within samples, expected marks of samples only, one number each. Train with ` +
        `model.fit, or cut the samples at these steps.`,
    );
  }
  return { training, validation, resets, epochs, isShuffled, onProgress: options.onProgress };
}

/** The loop behind `trainMany`. */
export async function fitMany(
  where: string,
  members: readonly Member[],
  plan: ManyPlan,
  isStopped: () => boolean,
): Promise<History[]> {
  const { training, validation, resets, epochs, isShuffled, onProgress } = plan;
  const samples = training.x.shape[0];
  const batches = Math.ceil(samples / training.rows);
  const tests = validation ? Math.ceil(validation.x.shape[0] / validation.rows) : 0;
  const asTheyLie = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);
  const results = members.map((): History => ({ epoch: [], history: {} }));
  const { engine } = members[0];
  const together = new Together(where, members);
  try {
    const feedOf = (data: CheckedData, mode: 'train' | 'test') =>
      together.feed(upload(engine, data), mode, data.rows, data.x.shape[1]);
    const trainFeed = feedOf(training, 'train');
    const testFeed = validation && feedOf(validation, 'test');
    let told: readonly Logs[] = [];
    const clock = new ProgressClock(epochs * (batches + tests), ({ updatesPerSecond, ...place }) => {
      const { epoch, batch, remainingSeconds } = place;
      const updates = members.length * updatesPerSecond;
      onProgress?.({ epoch, epochs, batch, batches, logs: told, updatesPerSecond: updates, remainingSeconds });
    });
    for (let epoch = 0; epoch < epochs && !isStopped(); epoch++) {
      const report = (batch: number, logs: readonly Logs[], done: number) => {
        told = logs;
        clock.report(epoch * (batches + tests) + done, { epoch, epochs, batch, batches }, logs[0]);
      };
      const common = { isDue: () => clock.isDue(), isStopped };
      const still = asTheyLie(samples);
      let logs = await runEpochOfMany(together, {
        ...common,
        feed: trainFeed,
        orders: members.map(({ random }) => (isShuffled ? random.permutation(samples) : still)),
        range: 'training',
        resets,
        report: (batch, means) => report(batch, means, batch),
      });
      report(batches, logs, batches);
      if (testFeed && !isStopped()) {
        const trained = logs;
        const order = asTheyLie(validation!.x.shape[0]);
        const tested = await validate(together, {
          ...common,
          feed: testFeed,
          orders: members.map(() => order),
          resets: typeof resets === 'number' ? resets : 'never',
          report: (batch) => report(batches, trained, batches + batch),
        });
        logs = trained.map((own, index) => ({ ...own, ...validationLogs(tested[index]) }));
      }
      results.forEach((result, index) => note(result, epoch, logs[index]));
    }
  } finally {
    await together.end();
  }
  return results;
}

function validate(together: Together, options: Omit<EpochOfManyOptions, 'range'>): Promise<Logs[]> {
  together.resetStates('validation');
  return runEpochOfMany(together, { ...options, range: 'validation' });
}

/** Stopped before its first batch, an epoch has nothing to show. */
function note({ epoch: epochs, history }: History, epoch: number, logs: Logs): void {
  if (Object.keys(logs).length > 0) epochs.push(epoch);
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
}
