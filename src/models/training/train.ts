import type { Logs } from '../execution/logs.ts';
import type { Random } from '../network/random.ts';
import type { Maybe } from './callbacks/callback.ts';
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

/** The bound programs and random numbers with which the epochs of a training run, and the function that reports progress. */
export interface TrainingOn {
  /** The updates of a batch. */
  windows: readonly Window[];
  /** Updates of a batch of validation, if there is any. */
  test?: BoundProgram;
  /** The order of the samples, for each model. */
  randoms: readonly Random[];
  /** @param logs of each model */
  report: (pace: Pace, logs: readonly Logs[]) => Maybe;
}

/**
 * Trains the models of a group, each as if it were alone: its callbacks, its logs and the end of its training are its own.
 *
 * @returns the history of each
 */
export async function train(group: ModelGroup, plan: TrainingPlan, on: TrainingOn): Promise<History[]> {
  const training = new Training(group, plan, on);
  await training.run();
  return training.histories;
}

class Training {
  readonly histories: History[];
  readonly #clock: ProgressClock;
  /** The logs of each model as last complete. */
  readonly #logs: Logs[];
  /** Which models have not come to the end of their training. */
  readonly #isTraining: boolean[];
  #epoch = 0;

  constructor(
    private readonly group: ModelGroup,
    private readonly plan: TrainingPlan,
    private readonly on: TrainingOn,
  ) {
    const { members } = group;
    this.histories = members.map(() => ({ epoch: [], history: {} }));
    this.#logs = members.map(() => ({}));
    this.#isTraining = members.map(() => true);
    this.#clock = new ProgressClock(plan.epochs * (plan.batches + plan.tests));
  }

  async run(): Promise<void> {
    for (const { run, callbacks } of this.group.members) {
      for (const callback of callbacks) await run.call((model) => callback.setModel?.(model));
    }
    await this.#tell(this.#isTraining, ({ run, callbacks }) => run.notify(callbacks, 'onTrainBegin'));
    for (; await this.#goesOn(); this.#epoch++) await this.#runEpoch();
  }

  /** Whether another epoch is to be run; models that take no part in it come to the end of their training. */
  async #goesOn(): Promise<boolean> {
    const isEnding = this.group.members.map(
      ({ isStopped }, index) => this.#isTraining[index] && (this.#epoch === this.plan.epochs || isStopped()),
    );
    for (const [index, isEnd] of isEnding.entries()) if (isEnd) this.#isTraining[index] = false;
    await this.#tell(isEnding, ({ run, callbacks }, index) => run.notify(callbacks, 'onTrainEnd', this.#logs[index]));
    return this.#isTraining.includes(true);
  }

  async #runEpoch(): Promise<void> {
    const { plan, on, histories } = this;
    const epoch = this.#epoch;
    const takesPart = [...this.#isTraining];
    await this.#tell(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onEpochBegin', epoch));
    const { batches, logs } = await runEpoch(this.group, {
      takesPart,
      windows: on.windows,
      samples: plan.training.count,
      orders: this.#orders(takesPart),
      batchResets: plan.batchResets,
      isDue: () => this.#clock.isDue(),
      report: (batch, means) => this.#report(batch, batch, means),
    });
    // Stopped before its first batch, an epoch has nothing to show.
    const hasBegun = batches.map((count) => count > 0);
    for (const [index, isIn] of hasBegun.entries()) if (isIn) this.#logs[index] = logs[index];
    const most = Math.max(...batches);
    if (most > 0) await this.#report(most, most, this.#logs);
    await this.#validate(takesPart);
    for (const [index, isIn] of hasBegun.entries()) if (isIn) note(histories[index], epoch, this.#logs[index]);
    await this.#tell(takesPart, ({ run, callbacks }, index) => {
      return run.notify(callbacks, 'onEpochEnd', epoch, hasBegun[index] ? this.#logs[index] : {});
    });
  }

  /** Draws an order for each model that takes part, and for no other. */
  #orders(takesPart: readonly boolean[]): Uint32Array[] | undefined {
    const { isShuffled, training } = this.plan;
    if (!isShuffled) return undefined;
    const { count } = training;
    return this.on.randoms.map((random, index) => (takesPart[index] ? random.permutation(count) : new Uint32Array()));
  }

  async #validate(inEpoch: readonly boolean[]): Promise<void> {
    const { group, on, plan } = this;
    const takesPart = group.members.map(({ isStopped }, index) => inEpoch[index] && !isStopped());
    if (!on.test || !takesPart.includes(true)) return;
    const { logs } = await this.#test(takesPart, {
      windows: [{ bound: on.test, firstStep: 0 }],
      samples: plan.validation!.count,
      batchResets: typeof plan.batchResets === 'number' ? plan.batchResets : 'never',
      isDue: () => this.#clock.isDue(),
      report: (batch) => this.#report(plan.batches, plan.batches + batch, this.#logs),
    });
    for (const [index, isIn] of takesPart.entries()) {
      if (isIn) this.#logs[index] = { ...this.#logs[index], ...validationLogs(logs[index]) };
    }
  }

  /** In states of its own validation starts from zero, and the next epoch continues where training was. */
  async #test(takesPart: readonly boolean[], options: Omit<EpochOptions, 'takesPart'>): Promise<EpochResult> {
    const members = this.group.members.filter((_, index) => takesPart[index]);
    if (this.plan.validationStates === 'own') {
      for (const { engine, run } of members) {
        engine.resetStates('validation');
        run.range = 'validation';
      }
    }
    try {
      await this.#tell(takesPart, ({ run, callbacks }) => run.notify(callbacks, 'onTestBegin'));
      const result = await runEpoch(this.group, { takesPart, ...options });
      await this.#tell(takesPart, ({ run, callbacks }, index) =>
        run.notify(callbacks, 'onTestEnd', result.logs[index]),
      );
      return result;
    } finally {
      for (const { run } of members) run.range = 'training';
    }
  }

  /** @param done batches of this epoch, those of its validation included */
  #report(batch: number, done: number, logs: readonly Logs[]): Maybe {
    const { epochs, batches, tests } = this.plan;
    const position = { epoch: this.#epoch, epochs, batch, batches };
    return this.on.report(this.#clock.pace(this.#epoch * (batches + tests) + done, position), logs);
  }

  /** Tells the callbacks of these models, one model after the other. */
  async #tell(models: readonly boolean[], tell: (member: GroupMember, index: number) => Maybe): Promise<void> {
    for (const [index, member] of this.group.members.entries()) if (models[index]) await tell(member, index);
  }
}

function note({ epoch: epochs, history }: History, epoch: number, logs: Logs): void {
  epochs.push(epoch);
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
}
