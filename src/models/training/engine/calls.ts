import { BusyError, DisposedError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { ModelInTraining } from '../callbacks/callback.ts';
import { Run, type RunKind, type StopFlag } from './run.ts';

/**
 * The calls of one model, which take effect in the order in which they are made, awaited or not. A run (`fit`, `evaluate`,
 * `predict`) has the model to itself: what is called after an `evaluate` or a `predict` waits for its end, and what is
 * called after a `fit` is refused until that has ended.
 */
export class Calls {
  /** Runs under way or waiting for their turn, in the order of the calls. */
  readonly #runs: Run[] = [];
  /** Settles when everything called so far has had its turn; absent while nothing has to wait. */
  #tail?: Promise<void>;
  /** The last run, if nothing was called after it. */
  #last?: Run;
  #caller?: Run;
  /** Errors of work that no call waits for: each is thrown by one of the next calls. */
  readonly #untold: Error[] = [];
  #isDisposed = false;

  /**
   * @param modelFor makes what the callbacks of a run are given to call
   * @param model has the flag that ends training
   * @param isStateful whether a layer of the model carries states from call to call
   */
  constructor(
    private readonly gpu: Gpu,
    private readonly modelFor: (run: Run) => ModelInTraining,
    private readonly model: StopFlag,
    private readonly isStateful: boolean,
  ) {}

  /** The `fit` that has not ended, if there is one. */
  get #fit(): Run | undefined {
    return this.#runs.find(({ kind }) => kind === 'fit');
  }

  /** The run that is calling one of its callbacks at this very moment: whatever is called now is called by it. */
  get caller(): Run | undefined {
    return this.#caller;
  }

  /**
   * The run in which an `evaluate` or a `predict` made now is nested: that of `caller`, or an `evaluate` whose asynchronous
   * callback has not returned. Nobody can tell whether that callback is calling, but without stateful layers the result is the
   * same as after the run, and nested the call cannot wait for a run that waits for it.
   */
  get host(): Run | undefined {
    if (this.#caller || this.isStateful) return this.#caller;
    return this.#last?.kind === 'evaluate' && this.#last.isInCallback ? this.#last : undefined;
  }

  /** Whether the model was disposed or its device is lost. */
  get isOver(): boolean {
    return this.#isDisposed || this.gpu.isOver;
  }

  /** @throws DisposedError, DeviceLostError */
  assertAlive(where: string): void {
    if (this.#isDisposed) {
      throw new DisposedError(`${where}: this model was disposed. Build another with sequential().`);
    }
    this.gpu.assertAlive(where);
  }

  /**
   * @throws DisposedError, DeviceLostError; ShaderError, once, if the device refused a command that no call waits for; what
   * `tell` was given, once
   */
  assertUsable(where: string): void {
    this.assertAlive(where);
    this.gpu.assertUsable(where);
    if (this.#untold.length > 0) throw this.#untold.shift()!;
  }

  /** Lets the next call throw an error that nothing else tells. */
  tell(error: Error): void {
    this.#untold.push(error);
  }

  /** @throws DisposedError, DeviceLostError; BusyError as `assertOpen` */
  assertReady(where: string): void {
    this.assertUsable(where);
    this.assertOpen(where);
  }

  /** @throws BusyError after a `fit` that has not ended, and while a callback may be waiting for this call */
  assertOpen(where: string): void {
    const fit = this.#fit;
    if (fit) {
      throw new BusyError(
        `${where}: ${fit.where} is still running on this model. Await it first; to end it early, set ` +
          `model.stopTraining = true.${adviceDuringFit(where)}`,
      );
    }
    this.#assertNoCallback(where);
  }

  /** @throws BusyError while a callback of a run is running: the call would wait for the run, and the run for the callback */
  #assertNoCallback(where: string): void {
    const waiting = this.#runs.find(({ isInCallback }) => isInCallback);
    if (!waiting) return;
    throw new BusyError(
      `${where}: a callback of ${waiting.where} is under way and may be waiting for this call. Await ${waiting.where} ` +
        `first; the callback itself calls the model that it gets as its last argument.`,
    );
  }

  /** Lets an effect happen at its turn, if the model can still be used then. @param fit it happens when that begins instead */
  inOrder<T>(where: string, effect: () => T | Promise<T>, fit?: Run): T | Promise<T> {
    const act = () => {
      this.assertAlive(where);
      return effect();
    };
    const result = fit ? fit.atTurn(act) : this.inTurn(act);
    // A call that returns nothing cannot be awaited; it only fails if the model is gone, and then the next call throws.
    if (result instanceof Promise) result.catch(() => {});
    return result;
  }

  /**
   * Lets an effect happen at once during a `fit` and in callbacks of every run, otherwise at its turn as `inOrder` does; behind
   * a `fit` that waits for its turn, before the first batch of that, so that it does not matter what else was called before.
   */
  betweenBatches<T>(where: string, effect: () => T | Promise<T>): T | Promise<T> {
    this.assertBetweenBatches(where);
    const fit = this.#fit;
    return fit?.isUnderWay || this.#caller ? effect() : this.inOrder(where, effect, fit);
  }

  /** @throws BusyError if `betweenBatches` would throw it now */
  assertBetweenBatches(where: string): void {
    if (!this.#fit?.isUnderWay && !this.#caller) this.#assertNoCallback(where);
  }

  /** Lets an effect happen at its turn, whatever became of the model: at once if there is nothing to wait for. */
  inTurn<T>(effect: () => T | Promise<T>): T | Promise<T> {
    if (!this.#tail) return effect();
    // The result is wrapped so that `then` does not await it: the next call waits only until this one took effect.
    const begun = this.#tail.then(() => ({ result: effect() }));
    this.#last = undefined;
    this.#append(begun);
    return begun.then(({ result }) => result);
  }

  /**
   * Takes a place in the order for a run: `run.begin` waits for its turn, and `end` has to be called in any case.
   *
   * @param signal ends it before its time
   * @param stop the flag with which its callbacks end it. Default: that of the model
   * @throws BusyError see `assertOpen`
   */
  begin(where: string, kind: RunKind, signal?: AbortSignal, stop = this.model): Run {
    this.assertOpen(where);
    const callAs = <T>(caller: Run, act: (model: ModelInTraining) => T) => this.#callAs(caller, act);
    const run = new Run(where, kind, 'training', stop, callAs, this.#tail, signal);
    const stopListening = this.gpu.onEnd(() => run.abort(this.gpu.endError(where)));
    void run.over.then(stopListening);
    run.model = this.modelFor(run);
    this.#runs.push(run);
    this.#last = run;
    this.#append(run.over);
    return run;
  }

  /** Ends a run, after what its callbacks began and did not wait for. */
  async end(run: Run): Promise<void> {
    await run.end();
    this.#runs.splice(this.#runs.indexOf(run), 1);
  }

  /** Runs `work` when its turn has come. @throws BusyError see `assertOpen`; the reason of an aborted signal */
  async run<T>(where: string, kind: RunKind, work: (run: Run) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const run = this.begin(where, kind, signal);
    try {
      return await run.work(work);
    } finally {
      await this.end(run);
    }
  }

  /** Tells the runs that training is to stop. */
  stop(): void {
    for (const run of this.#runs) run.onStop?.();
  }

  /** From now on calls are refused, and those under way fail with this error. @returns whether they were not before */
  close(error: DisposedError): boolean {
    if (this.#isDisposed) return false;
    this.#isDisposed = true;
    for (const run of this.#runs) run.abort(error);
    return true;
  }

  #append(turn: Promise<unknown>): void {
    const tail: Promise<void> = Promise.all([this.#tail, turn.catch(() => {})]).then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
  }

  /** Calls a function of a callback on behalf of a run, with the model that it may call. */
  #callAs<T>(run: Run, act: (model: ModelInTraining) => T): T {
    const before = this.#caller;
    this.#caller = run;
    try {
      return act((run.model ??= this.modelFor(run)));
    } finally {
      this.#caller = before;
    }
  }
}

/** The methods that callbacks of a `fit` can call in place of these methods of the model. */
const DURING_FIT: Readonly<Record<string, string>> = {
  'model.evaluate': 'evaluate(x, y)',
  'model.testOnBatch': 'evaluate(x, y)',
  'model.predict': 'predict(x)',
  'model.predictOnBatch': 'predict(x)',
  'model.setWeights': 'setWeights(weights)',
  'model.setStates': 'setStates(states)',
};

/** How to do between two batches of a `fit` what cannot be done beside it; to be put behind an error message. */
function adviceDuringFit(where: string): string {
  const call = DURING_FIT[where];
  if (call === undefined) return '';
  return (
    ` Or call it between two of its batches, on the model that callbacks get as their last argument: ` +
    `onEpochEnd: (epoch, logs, model) => model.${call}.`
  );
}
