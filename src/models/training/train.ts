import { ValueError } from '../../runtime/errors.ts';
import type { Logs } from '../execution/logs.ts';
import type { MaybePromise } from './callbacks/callback.ts';
import type { CallbackStep } from './engine/run.ts';
import type { EpochBatches } from './epoch-batches.ts';
import { runEpoch, type EpochOptions, type EpochResult } from './epoch.ts';
import { validationLogs, type Means } from './means.ts';
import type { GroupMember } from './group-entries.ts';
import type { ModelGroup } from './model-group.ts';
import { ProgressClock, type Progress } from './progress.ts';
import type { Reporter } from './reporter.ts';
import type { EpochPlan } from './training-plan.ts';

/** The result of `fit`: a value per epoch for the loss, each metric, and those of validation (`valLoss`, …). */
export interface TrainingHistory {
  epoch: number[];
  history: Record<string, number[]>;
}

/** The batches that a training goes through, and the function that reports its progress. */
export interface TrainingSetup {
  training: EpochBatches;
  validation?: EpochBatches;
  report?: Reporter;
}

/**
 * Trains the models of a group, each as if it were alone: its callbacks, its logs and the end of its training are its own.
 *
 * @returns the history of each model
 */
export async function train(group: ModelGroup, plan: EpochPlan, setup: TrainingSetup): Promise<TrainingHistory[]> {
  const training = new Training(group, plan, setup);
  await training.run();
  return training.histories;
}

/** A position within an epoch. */
interface EpochPosition {
  phase: Progress['phase'];
  epoch: number;
  /** How many batches of training are done. */
  batch: number;
  /** How many batches are done, with those of validation. */
  done: number;
}

/** An epoch whose batches have all been queued, and what is to be read of it. */
interface EndedEpoch {
  epoch: number;
  training: Means;
  validation?: Means;
}

/**
 * Epochs run ahead of what the GPU has done as long as nobody wants to know their logs: no callback that is told of them, and
 * no report of progress that is due. Where epochs have few batches, waiting for the results of each would take most of the
 * time.
 */
class Training {
  readonly histories: TrainingHistory[];
  readonly #clock: ProgressClock;
  /** The last logs of each model, of all epochs that are in the histories. */
  readonly #logs: Logs[];
  /** Which models are still training. */
  readonly #isTraining: boolean[];
  /** The epochs that have ended and are not in the histories yet. */
  #ended: EndedEpoch[] = [];
  #epoch: number;
  /** Where the training begins: an epoch, and a batch of that. */
  #beginning: { epoch: number; batch: number };
  /** Where the last epoch that had a batch ended, to be reported at the end. */
  #end?: EpochPosition;

  constructor(
    private readonly group: ModelGroup,
    private readonly plan: EpochPlan,
    private readonly setup: TrainingSetup,
  ) {
    const { members } = group;
    this.histories = members.map(() => ({ epoch: [], history: {} }));
    this.#logs = members.map(() => ({}));
    this.#isTraining = members.map(() => true);
    this.#epoch = plan.initialEpoch;
    this.#beginning = { epoch: plan.initialEpoch, batch: plan.initialBatch ?? 0 };
    this.#clock = new ProgressClock(() => this.#batchesBefore(plan.epochs));
  }

  async run(): Promise<void> {
    for (const { run, callbacks } of this.group.members) {
      for (const callback of callbacks) await run.call((model) => callback.setModel?.(model));
    }
    await this.#beginTraining();
    for (; await this.#hasNextEpoch(); this.#epoch++) await this.#runEpoch();
  }

  /** Calls `onTrainBegin`, where a callback may say that the training goes on from elsewhere. */
  async #beginTraining(): Promise<void> {
    const { members } = this.group;
    const [{ run }] = members;
    if (members.length === 1) run.beginning = this.#beginning;
    await this.#notify(this.#isTraining, (member) => member.run.notify(member.callbacks, 'onTrainBegin'));
    if (!run.beginning) return;
    const { length = Infinity } = this.setup.training;
    if (run.beginning.batch >= length) {
      throw new ValueError(
        `a callback of ${run.where}: model.continueFrom: batch is ${run.beginning.batch}, expected at most ${length - 1}, ` +
          `since an epoch has ${length} batches.`,
      );
    }
    this.#beginning = run.beginning;
    this.#epoch = run.beginning.epoch;
    run.beginning = undefined;
  }

  /** Whether there is another epoch; the training of models that take no part in it ends. */
  async #hasNextEpoch(): Promise<boolean> {
    const isEnding = this.group.members.map(
      ({ isStopped }, index) => this.#isTraining[index] && (this.#epoch >= this.plan.epochs || isStopped()),
    );
    if (!isEnding.includes(true)) return true;
    for (const [index, isEnd] of isEnding.entries()) if (isEnd) this.#isTraining[index] = false;
    const hasNext = this.#isTraining.includes(true);
    await this.#catchUp();
    if (!hasNext && this.#end) await this.#report(this.#end, this.#logs);
    await this.#notify(isEnding, ({ run, callbacks }, index) => run.notify(callbacks, 'onTrainEnd', this.#logs[index]));
    return hasNext;
  }

  async #runEpoch(): Promise<void> {
    const { plan, setup } = this;
    const epoch = this.#epoch;
    const takesPart = [...this.#isTraining];
    await this.#notify(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onEpochBegin', epoch));
    const { batches, means: training } = await runEpoch(this.group, {
      takesPart,
      batches: setup.training,
      firstBatch: epoch === this.#beginning.epoch ? this.#beginning.batch : 0,
      batchResets: plan.batchResets,
      progress: this.#progress((batch, logs) => {
        return this.#report({ phase: 'training', epoch, batch, done: batch }, logs);
      }),
    });
    const validation = await this.#validate(takesPart, training, batches);
    this.#ended.push({ epoch, training, validation: validation?.means });
    const done = batches + (validation?.batches ?? 0);
    if (batches > 0) this.#end = { phase: 'training', epoch, batch: batches, done };
    if (!this.#isHeard(takesPart, 'onEpochEnd')) return;
    await this.#catchUp();
    await this.#notify(takesPart, ({ run, callbacks }, index) => {
      return run.notify(callbacks, 'onEpochEnd', epoch, hasBegun(training, index) ? this.#logs[index] : {});
    });
  }

  /** Reads what the updates so far have reported, and completes the histories. */
  async #catchUp(): Promise<void> {
    await this.group.reader.read();
    this.#noteEnded();
  }

  /** Adds the ended epochs to the histories, once they have been read. */
  #noteEnded(): void {
    for (const { epoch, training, validation } of this.#ended.splice(0)) {
      for (const [index, history] of this.histories.entries()) {
        // A model that was stopped before its first batch has no logs of this epoch.
        if (!hasBegun(training, index)) continue;
        this.#logs[index] = { ...training.logs[index], ...validationLogs(validation?.logs[index] ?? {}) };
        note(history, epoch, this.#logs[index]);
      }
    }
  }

  /** @param training the means of the epoch, which are reported meanwhile, and of how many batches they are */
  async #validate(inEpoch: readonly boolean[], training: Means, batches: number): Promise<EpochResult | undefined> {
    const { group, setup, plan } = this;
    const position = { phase: 'evaluating', epoch: this.#epoch, batch: batches } as const;
    const takesPart = group.members.map(({ isStopped }, index) => inEpoch[index] && !isStopped());
    if (!setup.validation || !takesPart.includes(true)) return undefined;
    return this.#test(takesPart, {
      batches: setup.validation,
      batchResets: plan.validationResets,
      progress: this.#progress((batch) => {
        return this.#report({ ...position, done: batches + batch }, training.logs);
      }),
    });
  }

  /** Tests: with states of its own, validation starts from zero and leaves those of training as they are. */
  async #test(takesPart: readonly boolean[], options: Omit<EpochOptions, 'takesPart'>): Promise<EpochResult> {
    const members = this.group.members.filter((_, index) => takesPart[index]);
    for (const { run } of members) await run.untilAborted(options.batches.ready);
    if (this.plan.validationStates === 'own') {
      for (const { engine, run } of members) {
        engine.resetStates('validation');
        run.range = 'validation';
      }
    }
    try {
      await this.#notify(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onTestBegin'));
      const result = await runEpoch(this.group, { takesPart, ...options });
      if (this.#isHeard(takesPart, 'onTestEnd')) await this.group.reader.read();
      await this.#notify(takesPart, ({ run, callbacks }, index) =>
        run.notify(callbacks, 'onTestEnd', result.means.logs[index]),
      );
      return result;
    } finally {
      for (const { run } of members) run.range = 'training';
    }
  }

  /** How an epoch reports its progress, if somebody listens. */
  #progress(report: NonNullable<EpochOptions['progress']>['report']): EpochOptions['progress'] {
    return this.setup.report && { isDue: () => this.#clock.isDue(), report };
  }

  /** @param logs of each model over the epoch so far, which have been read */
  #report({ done, ...position }: EpochPosition, logs: readonly Logs[]): MaybePromise {
    this.#noteEnded();
    const { epochs } = this.plan;
    const before = this.#batchesBefore(position.epoch) ?? 0;
    const pace = this.#clock.pace(before + done, { ...position, epochs, batches: this.setup.training.length });
    return this.setup.report?.(
      pace,
      logs.map((own, index) => ('loss' in own ? own : this.#logs[index])),
    );
  }

  /**
   * How many batches there are from the beginning to the start of an epoch, with those of validation, if that is known. For the
   * first epoch it is minus the number of the batches that were left out.
   */
  #batchesBefore(epoch: number): number | undefined {
    const { training, validation } = this.setup;
    if (training.length === undefined) return undefined;
    const { epoch: first, batch } = this.#beginning;
    return (epoch - first) * (training.length + (validation?.length ?? 0)) - batch;
  }

  /** Whether a callback of these models has this function. */
  #isHeard(models: readonly boolean[], name: CallbackStep): boolean {
    return this.group.members.some(({ callbacks }, index) => {
      return models[index] && callbacks.some((callback) => callback[name] !== undefined);
    });
  }

  /** Calls callbacks of these models, one model after the other. */
  async #notify(models: readonly boolean[], act: (member: GroupMember, index: number) => MaybePromise): Promise<void> {
    for (const [index, member] of this.group.members.entries()) if (models[index]) await act(member, index);
  }
}

/** Whether a model has made updates in an epoch, whose means have been read. */
function hasBegun({ logs }: Means, index: number): boolean {
  return 'loss' in logs[index];
}

function note({ epoch: epochs, history }: TrainingHistory, epoch: number, logs: Logs): void {
  epochs.push(epoch);
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
}
