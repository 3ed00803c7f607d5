import type { Logs } from '../execution/logs.ts';
import type { Random } from '../network/random.ts';
import type { MaybePromise } from './callbacks/callback.ts';
import type { BoundProgram } from './engine/bound-program.ts';
import { runEpoch, type EpochOptions, type EpochResult } from './epoch.ts';
import { validationLogs } from './means.ts';
import type { GroupMember, ModelGroup, Window } from './model-group.ts';
import { ProgressClock, type Pace } from './progress.ts';
import type { TrainingPlan } from './training-plan.ts';

/** The result of `fit`: a value per epoch for the loss, each metric, and those of validation (`valLoss`, …). */
export interface History {
  epoch: number[];
  history: Record<string, number[]>;
}

/** The bound programs and random numbers that a training uses, and the function that reports its progress. */
export interface TrainingSetup {
  /** The updates of a training batch. */
  windows: readonly Window[];
  /** The program that tests, if there is validation. */
  test?: BoundProgram;
  /** The random numbers that shuffle each model's samples. */
  randoms: readonly Random[];
  /** @param logs of each model */
  report: (pace: Pace, logs: readonly Logs[]) => MaybePromise;
}

/**
 * Trains the models of a group, each as if it were alone: its callbacks, its logs and the end of its training are its own.
 *
 * @returns the history of each model
 */
export async function train(group: ModelGroup, plan: TrainingPlan, setup: TrainingSetup): Promise<History[]> {
  const training = new Training(group, plan, setup);
  await training.run();
  return training.histories;
}

class Training {
  readonly histories: History[];
  readonly #clock: ProgressClock;
  /** The last complete logs of each model. */
  readonly #logs: Logs[];
  /** Which models are still training. */
  readonly #isTraining: boolean[];
  #epoch: number;

  constructor(
    private readonly group: ModelGroup,
    private readonly plan: TrainingPlan,
    private readonly setup: TrainingSetup,
  ) {
    const { members } = group;
    this.histories = members.map(() => ({ epoch: [], history: {} }));
    this.#logs = members.map(() => ({}));
    this.#isTraining = members.map(() => true);
    this.#epoch = plan.initialEpoch;
    this.#clock = new ProgressClock((plan.epochs - plan.initialEpoch) * (plan.batches + plan.validationBatches));
  }

  async run(): Promise<void> {
    for (const { run, callbacks } of this.group.members) {
      for (const callback of callbacks) await run.call((model) => callback.setModel?.(model));
    }
    await this.#notify(this.#isTraining, ({ run, callbacks }) => run.notify(callbacks, 'onTrainBegin'));
    for (; await this.#hasNextEpoch(); this.#epoch++) await this.#runEpoch();
  }

  /** Whether there is another epoch; the training of models that take no part in it ends. */
  async #hasNextEpoch(): Promise<boolean> {
    const isEnding = this.group.members.map(
      ({ isStopped }, index) => this.#isTraining[index] && (this.#epoch === this.plan.epochs || isStopped()),
    );
    for (const [index, isEnd] of isEnding.entries()) if (isEnd) this.#isTraining[index] = false;
    await this.#notify(isEnding, ({ run, callbacks }, index) => run.notify(callbacks, 'onTrainEnd', this.#logs[index]));
    return this.#isTraining.includes(true);
  }

  async #runEpoch(): Promise<void> {
    const { plan, setup, histories } = this;
    const epoch = this.#epoch;
    const takesPart = [...this.#isTraining];
    await this.#notify(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onEpochBegin', epoch));
    const { batches, logs } = await runEpoch(this.group, {
      takesPart,
      windows: setup.windows,
      samples: plan.training.count,
      orders: this.#orders(takesPart),
      batchResets: plan.batchResets,
      isDue: () => this.#clock.isDue(),
      report: (batch, means) => this.#report(batch, batch, means),
    });
    // A model that was stopped before its first batch has no logs of this epoch.
    const hasBegun = batches.map((count) => count > 0);
    for (const [index, hasLogs] of hasBegun.entries()) if (hasLogs) this.#logs[index] = logs[index];
    const mostBatches = Math.max(...batches);
    if (mostBatches > 0) await this.#report(mostBatches, mostBatches, this.#logs);
    await this.#validate(takesPart);
    for (const [index, hasLogs] of hasBegun.entries()) if (hasLogs) note(histories[index], epoch, this.#logs[index]);
    await this.#notify(takesPart, ({ run, callbacks }, index) => {
      return run.notify(callbacks, 'onEpochEnd', epoch, hasBegun[index] ? this.#logs[index] : {});
    });
  }

  /** Shuffles the samples for each model that takes part; the random numbers of the others must not advance. */
  #orders(takesPart: readonly boolean[]): Uint32Array[] | undefined {
    const { isShuffled, training } = this.plan;
    if (!isShuffled) return undefined;
    const { count } = training;
    return this.setup.randoms.map((random, index) =>
      takesPart[index] ? random.permutation(count) : new Uint32Array(),
    );
  }

  async #validate(inEpoch: readonly boolean[]): Promise<void> {
    const { group, setup, plan } = this;
    const takesPart = group.members.map(({ isStopped }, index) => inEpoch[index] && !isStopped());
    if (!setup.test || !takesPart.includes(true)) return;
    const { logs } = await this.#test(takesPart, {
      windows: [{ bound: setup.test, firstStep: 0 }],
      samples: plan.validation!.count,
      batchResets: plan.validationResets,
      isDue: () => this.#clock.isDue(),
      report: (batch) => this.#report(plan.batches, plan.batches + batch, this.#logs),
    });
    for (const [index, isTested] of takesPart.entries()) {
      if (isTested) this.#logs[index] = { ...this.#logs[index], ...validationLogs(logs[index]) };
    }
  }

  /** Tests: with states of its own, validation starts from zero and leaves those of training as they are. */
  async #test(takesPart: readonly boolean[], options: Omit<EpochOptions, 'takesPart'>): Promise<EpochResult> {
    const members = this.group.members.filter((_, index) => takesPart[index]);
    for (const { run } of members) await run.untilAborted(this.setup.test!.ready);
    if (this.plan.validationStates === 'own') {
      for (const { engine, run } of members) {
        engine.resetStates('validation');
        run.range = 'validation';
      }
    }
    try {
      await this.#notify(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onTestBegin'));
      const result = await runEpoch(this.group, { takesPart, ...options });
      await this.#notify(takesPart, ({ run, callbacks }, index) =>
        run.notify(callbacks, 'onTestEnd', result.logs[index]),
      );
      return result;
    } finally {
      for (const { run } of members) run.range = 'training';
    }
  }

  /** @param done how many batches of this epoch are done, with those of its validation */
  #report(batch: number, done: number, logs: readonly Logs[]): MaybePromise {
    const { epochs, initialEpoch, batches, validationBatches } = this.plan;
    const position = { epoch: this.#epoch, epochs, batch, batches };
    const before = (this.#epoch - initialEpoch) * (batches + validationBatches);
    return this.setup.report(this.#clock.pace(before + done, position), logs);
  }

  /** Calls callbacks of these models, one model after the other. */
  async #notify(models: readonly boolean[], act: (member: GroupMember, index: number) => MaybePromise): Promise<void> {
    for (const [index, member] of this.group.members.entries()) if (models[index]) await act(member, index);
  }
}

function note({ epoch: epochs, history }: History, epoch: number, logs: Logs): void {
  epochs.push(epoch);
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
}
