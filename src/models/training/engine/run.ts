import { BusyError } from '../../../runtime/errors.ts';
import type { Callback, ModelInTraining } from '../callbacks/callback.ts';
import type { RunPlace, StateRange } from './state-ranges.ts';

export type RunKind = 'fit' | 'evaluate' | 'predict';

type Step = Exclude<keyof Callback, 'setModel'>;

/** A step's arguments without the model, which every callback gets as the last one. */
export type StepArguments<Name extends Step> =
  Parameters<NonNullable<Callback[Name]>> extends [...infer Args, ModelInTraining] ? Args : never;

/** Calls a function of a callback so that whatever it calls meanwhile counts as called by this run. */
type CallFrom = <T>(run: Run, act: (model: ModelInTraining) => T) => T;

/** A `fit`, `evaluate` or `predict` from its call to its end, and what its callbacks do meanwhile. */
export class Run implements RunPlace {
  /** Settles when it has ended. */
  readonly over: Promise<void>;
  readonly isAside: boolean;
  /** What its callbacks are given to call. */
  model?: ModelInTraining;
  /** Settles when the runs have ended that its callbacks began so far; absent if there are none. */
  #line?: Promise<void>;
  /** The one of them that is under way or was begun last. */
  #aside?: Run;
  #callbacks = 0;
  #isUnderWay: boolean;
  #isOver = false;
  #settle!: () => void;

  constructor(
    readonly where: string,
    readonly kind: RunKind,
    public range: StateRange,
    private readonly callFrom: CallFrom,
    /** Settles when what was called before it has ended. */
    private readonly turn?: Promise<void>,
  ) {
    this.#isUnderWay = turn === undefined;
    this.isAside = range === 'aside';
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether its turn has come. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Whether a callback has returned a promise that has not settled yet. */
  get isInCallback(): boolean {
    return this.#callbacks > 0;
  }

  /** Waits for its turn. */
  async begin(): Promise<void> {
    await this.turn;
    this.#isUnderWay = true;
  }

  /** @throws BusyError once it has ended: who calls its model then means another run, or none */
  assertNotOver(where: string): void {
    if (!this.#isOver) return;
    throw new BusyError(
      `${where}: the ${this.where} that gave this model to its callbacks has ended. Call the model itself.`,
    );
  }

  /**
   * Calls one function of every callback in turn, with the model as last argument, and waits for those that return a
   * promise, and for the runs that they began. Without either it returns at once, since it is called for every batch.
   */
  notify<Name extends Step>(
    callbacks: readonly Callback[],
    name: Name,
    ...args: StepArguments<Name>
  ): void | Promise<void> {
    for (let index = 0; index < callbacks.length; index++) {
      const callback = callbacks[index] as Record<Name, ((...args: unknown[]) => unknown) | undefined>;
      if (callback[name] === undefined) continue;
      const answer = this.tell((model) => callback[name]!(...args, model));
      if (answer) return answer.then(() => this.notify(callbacks.slice(index + 1), name, ...args));
    }
  }

  /** Calls one function on behalf of this run: see `notify`. */
  tell(act: (model: ModelInTraining) => unknown): void | Promise<void> {
    const answer = this.callFrom(this, act);
    if (isThenable(answer)) return this.#until(answer);
    return this.#line;
  }

  /** @throws BusyError if a callback of this run cannot begin another beside it */
  assertCanBegin(where: string): void {
    this.assertNotOver(where);
    if (this.isAside) {
      throw new BusyError(
        `${where}: called by a callback of ${this.where}, which a callback began itself. Call it from the outer callback.`,
      );
    }
    if (this.#aside?.isInCallback) {
      throw new BusyError(
        `${where}: an asynchronous callback of ${this.#aside.where} is under way and may be waiting for this call. Await ` +
          `${this.#aside.where} first.`,
      );
    }
  }

  /** Lets a callback begin a run beside this one, with states of its own; several go one after the other. */
  async aside<T>(where: string, kind: RunKind, work: (run: Run) => Promise<T>): Promise<T> {
    const aside = new Run(where, kind, 'aside', this.callFrom, this.#line);
    this.#aside = aside;
    const line: Promise<void> = Promise.all([this.#line, aside.over]).then(() => {
      if (this.#line === line) this.#line = undefined;
    });
    this.#line = line;
    try {
      await aside.begin();
      return await work(aside);
    } finally {
      await aside.end();
    }
  }

  /** Ends it, once what its callbacks began has ended. */
  async end(): Promise<void> {
    while (this.#line) await this.#line;
    this.#isOver = true;
    this.#settle();
  }

  async #until(answer: PromiseLike<unknown>): Promise<void> {
    this.#callbacks++;
    try {
      await answer;
    } finally {
      this.#callbacks--;
    }
    while (this.#line) await this.#line;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
