import { BusyError } from '../../../runtime/errors.ts';
import { isThenable } from '../../../runtime/options.ts';
import type { Callback, ModelInTraining } from '../callbacks/callback.ts';
import { untilAborted } from './abort.ts';
import type { RunContext, StateRange } from './state-ranges.ts';

export type RunKind = 'fit' | 'evaluate' | 'predict';

export type CallbackStep = Exclude<keyof Callback, 'setModel'>;

/** The arguments of a callback's function without the model, which is always the last one. */
export type StepArguments<Name extends CallbackStep> =
  Parameters<NonNullable<Callback[Name]>> extends [...infer Args, ModelInTraining] ? Args : never;

/** Calls a function of a callback so that calls of the model that it makes meanwhile count as made by this run. */
type CallAs = <T>(run: Run, act: (model: ModelInTraining) => T) => T;

/** The flag with which callbacks end the training. */
export interface StopFlag {
  stopTraining: boolean;
}

/** A `fit`, `evaluate` or `predict` from its call to its end, with the runs that its callbacks begin meanwhile. */
export class Run implements RunContext {
  /** Settles when it has ended. */
  readonly over: Promise<void>;
  readonly isNested: boolean;
  /** The model as its callbacks get it. */
  model?: ModelInTraining;
  /** Called before a run that a callback began: reads the reports so far, since that run writes to the same journal. */
  beforeNested?: () => Promise<unknown>;
  /** Where the training begins, while callbacks of `onTrainBegin` may still say that it goes on from elsewhere. */
  beginning?: { epoch: number; batch: number };
  /** Called when `stopTraining` is set, so that what the training waits for need not come. */
  onStop?: () => void;
  /** The runs that its callbacks began and that have not ended. */
  readonly #nested = new Set<Run>();
  /** How many functions of callbacks have not returned, or have returned a promise that has not settled. */
  #openCallbacks = 0;
  #isUnderWay: boolean;
  /** Settles when its turn has come. */
  readonly #turn: Promise<void>;
  #isOver = false;
  #settle!: () => void;
  /** Ends the run before its time. */
  readonly #controller = new AbortController();
  /** Removes what this run has added to signals. */
  #unfollow = () => {};

  constructor(
    readonly where: string,
    readonly kind: RunKind,
    public range: StateRange,
    readonly stop: StopFlag,
    private readonly callAs: CallAs,
    /** Settles when what was called before it has ended. Default: nothing has to end before it. */
    turn?: Promise<unknown>,
    /** Ends it before its time: that of the call. */
    private readonly signal?: AbortSignal,
    /** Ends it before its time as well: that of the run whose callback began it. */
    outer?: AbortSignal,
  ) {
    this.#isUnderWay = turn === undefined;
    this.#turn = Promise.resolve(turn).then(() => {
      this.#isUnderWay = true;
    });
    this.isNested = range === 'nested';
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    for (const each of [signal, outer]) if (each) this.#follow(each);
  }

  /** Whether its turn has come. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Whether a callback is running, or has returned a promise that has not settled yet. */
  get isInCallback(): boolean {
    return this.#openCallbacks > 0;
  }

  /**
   * Waits for the run's turn, but not if it is aborted: its work must be called all the same, since that frees what the call
   * holds, and ends at once.
   */
  async begin(): Promise<void> {
    await this.untilAborted(this.#turn).catch(() => {});
  }

  /** Lets an effect happen when the run's turn has come, before its work, which begins some microtasks later. */
  atTurn<T>(effect: () => T | Promise<T>): Promise<T> {
    return this.#turn.then(effect);
  }

  /** Ends the run before its time, and those that its callbacks began: what they wait for fails with this error. */
  abort(error: unknown): void {
    this.#controller.abort(error);
  }

  throwIfAborted(): void {
    this.#controller.signal.throwIfAborted();
  }

  untilAborted<T>(promise: T | PromiseLike<T>): Promise<T> {
    return untilAborted(promise, this.#controller.signal);
  }

  /** Does the work of the run when its turn has come. @throws the reason of the call's signal if that is aborted by its end */
  async work<T>(work: (run: Run) => Promise<T>): Promise<T> {
    await this.begin();
    const result = await work(this);
    // A result that is there counts although the model was disposed in the last callback.
    this.signal?.throwIfAborted();
    return result;
  }

  /** @throws BusyError once it has ended, since its model is then no longer connected to a run */
  assertNotOver(where: string): void {
    if (!this.#isOver) return;
    throw new BusyError(
      `${where}: the ${this.where} that gave this model to its callbacks has ended. Call the model itself.`,
    );
  }

  /**
   * Calls one function of every callback in turn, with the model as last argument, and waits for those that return a
   * promise, and for the runs that they began. Where there is nothing to wait for it returns at once, since it is called
   * for every batch.
   */
  notify<Name extends CallbackStep>(
    callbacks: readonly Callback[],
    name: Name,
    ...args: StepArguments<Name>
  ): void | Promise<void> {
    for (let index = 0; index < callbacks.length; index++) {
      const callback = callbacks[index] as Record<Name, ((...args: unknown[]) => unknown) | undefined>;
      if (callback[name] === undefined) continue;
      const answer = this.call((model) => callback[name]!(...args, model));
      if (answer) return answer.then(() => this.notify(callbacks.slice(index + 1), name, ...args));
    }
  }

  /** Calls one function of a callback on behalf of this run: see `notify`. */
  call(act: (model: ModelInTraining) => unknown): void | Promise<void> {
    let isOpen = false;
    // Counted before the call, since the function may await a call of the model before it returns.
    this.#openCallbacks++;
    try {
      const answer = this.callAs(this, act);
      isOpen = isThenable(answer);
      if (isOpen) return this.#awaitCallback(answer as PromiseLike<unknown>);
    } finally {
      if (!isOpen) this.#openCallbacks--;
    }
    if (this.#nested.size > 0) return this.#awaitNested();
  }

  /** @throws BusyError if a callback of this run cannot begin another run now */
  assertCanBegin(where: string): void {
    this.assertNotOver(where);
    if (this.isNested) {
      throw new BusyError(
        `${where}: ${this.where} was itself begun by a callback, and its own callbacks can begin no further run. Call it ` +
          `from the callback of the outer run.`,
      );
    }
    const waiting = [...this.#nested].find(({ isInCallback }) => isInCallback);
    if (waiting) {
      throw new BusyError(
        `${where}: a callback of ${waiting.where} is under way and may be waiting for this call. Await ` +
          `${waiting.where} first.`,
      );
    }
  }

  /** Runs `work` for a callback, with states of its own, after the other runs that callbacks of this run began. */
  async runNested<T>(where: string, kind: RunKind, work: (run: Run) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const others = [...this.#nested].map(({ over }) => over);
    const outer = this.#controller.signal;
    const nested = new Run(where, kind, 'nested', this.stop, this.callAs, Promise.all(others), signal, outer);
    this.#nested.add(nested);
    try {
      return await nested.work(async () => {
        // If it fails, so does the run that it belongs to. The work is called in any case, since that frees what it holds.
        await this.beforeNested?.().catch(() => {});
        return work(nested);
      });
    } finally {
      await nested.end();
      this.#nested.delete(nested);
    }
  }

  /** Ends the run, once the runs that its callbacks began have ended. */
  async end(): Promise<void> {
    await this.#awaitNested();
    this.#isOver = true;
    this.#unfollow();
    this.#settle();
  }

  #follow(signal: AbortSignal): void {
    const abort = () => this.abort(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    const before = this.#unfollow;
    this.#unfollow = () => {
      before();
      signal.removeEventListener('abort', abort);
    };
  }

  /** Waits for a callback, but not if the run is aborted: from its end on, the callback's model throws BusyError. */
  async #awaitCallback(answer: PromiseLike<unknown>): Promise<void> {
    try {
      await this.untilAborted(answer);
    } finally {
      this.#openCallbacks--;
    }
    await this.#awaitNested();
  }

  /** Waits until no nested run is left, since one that ends may begin another. */
  async #awaitNested(): Promise<void> {
    while (this.#nested.size > 0) await Promise.all([...this.#nested].map(({ over }) => over));
  }
}
