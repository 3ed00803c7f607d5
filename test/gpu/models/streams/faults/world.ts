import { watchBuffers, type LiveBuffers } from '../../../../../bench/memory/buffers.ts';
import {
  BusyError,
  DeviceLostError,
  DisposedError,
  requestGpu,
  sequential,
  sgd,
  type Gpu,
} from '../../../../../src/index.ts';
import { NETWORK_KINDS } from './network-kinds.ts';
import { LEARNING_RATE } from './plain-model.ts';
import { rebuild } from './rebuilding.ts';
import { makeWith, Subject, type ErrorClass, type SubjectOptions } from './subject.ts';

/** Buffers with this label are made by the test, and not counted. */
export const TEST_BUFFER = 'buffer of the test';

/** How long a promise may take, in milliseconds: a hundred times what compiling the kernels of a model takes. */
const PATIENCE_MS = 60_000;

/** How a call ended. */
type Outcome<T> = { value: T } | { error: unknown };

/** A call that was made, and what the plain model makes of it when the turn of that has come. */
interface Note {
  what: string;
  outcome: Promise<Outcome<unknown>>;
  check: (outcome: Outcome<unknown>) => void;
}

/** Models on a GPU, the calls that were made on them, and what must be true of their results. */
export class World {
  subjects: Subject[] = [];
  /** How many calls were made. */
  calls = 0;
  #notes: Note[] = [];
  readonly #rejections: unknown[] = [];
  #live!: () => LiveBuffers;
  #stop = () => {};
  readonly #onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    this.#rejections.push(event.reason);
  };

  private constructor(
    public gpu: Gpu,
    /** Whether it may end the GPU, and use kernels that take seconds to compile. */
    readonly isLong: boolean,
  ) {
    addEventListener('unhandledrejection', this.#onRejection);
    this.#watch();
  }

  /** @param isLong whether the run may lose the device or dispose the GPU; then it goes on with another */
  static async make(gpu: Gpu, isLong: boolean, options: readonly SubjectOptions[]): Promise<World> {
    const world = new World(gpu, isLong);
    for (const each of options) world.subjects.push(await world.#makeSubject(each));
    return world;
  }

  /** Makes a call that returns at once. @returns its result, or nothing if it was refused as it has to be, or may be, now */
  call<T>(subject: Subject, what: string, act: () => T, refusal?: ErrorClass): { value: T } | undefined {
    const { must, may } = refusalsNow(subject, refusal);
    this.calls++;
    try {
      const value = act();
      if (must) throw new Error(`${what} was not refused, expected ${must.name}`);
      return { value };
    } catch (error) {
      if (isOneOf(error, must ? [must] : may)) return undefined;
      throw faultOf(what, error);
    }
  }

  /**
   * Makes a call that answers later. When the plain model has come so far, `check` compares its result, and `accepts` tells
   * whether it may have failed in that way.
   */
  send<T>(
    subject: Subject,
    what: string,
    act: () => Promise<T>,
    check: (value: T) => void,
    {
      refusal,
      accepts,
      onEnd,
    }: { refusal?: ErrorClass; accepts?: (error: unknown) => boolean; onEnd?: () => void } = {},
  ): Promise<unknown> {
    const { must, may } = refusalsNow(subject, refusal);
    this.calls++;
    return this.#note<T>(what, outcomeOf(what, act), (outcome) => {
      if ('value' in outcome) {
        if (must) throw new Error(`it was not refused, expected ${must.name}`);
        check(outcome.value);
        return;
      }
      const { error } = outcome;
      const isEnd = subject.isEnd(error);
      if (isEnd) onEnd?.();
      if (!isEnd && !isOneOf(error, must ? [must] : may) && !accepts?.(error)) throw error;
    });
  }

  /** Makes a call that has to be refused, at once or as a rejection. */
  refused(subject: Subject, what: string, act: () => unknown, ...errors: ErrorClass[]): void {
    const { must, may } = refusalsNow(subject);
    this.calls++;
    const expected = must ? [must] : [...errors, ...may];
    const check = (outcome: Outcome<unknown>) => {
      if ('value' in outcome)
        throw new Error(`it was not refused, expected ${expected.map(({ name }) => name).join(' or ')}`);
      if (!subject.isEnd(outcome.error) && !isOneOf(outcome.error, expected)) throw outcome.error;
    };
    let result: unknown;
    try {
      result = act();
    } catch (error) {
      this.#checked(what, () => check({ error }));
      return;
    }
    if (!(result instanceof Promise)) return this.#checked(what, () => check({ value: result }));
    void this.#note(
      what,
      outcomeOf(what, () => result),
      check,
    );
  }

  /** Lets the plain model do something in its order among the calls. */
  inOrder(what: string, act: () => void): void {
    void this.#note(what, Promise.resolve({ value: undefined }), act);
  }

  /** Waits until all calls so far have ended, and those that their callbacks make, and compares their results. */
  async settle(): Promise<void> {
    for (let note = this.#notes[0]; note !== undefined; note = this.#notes[0]) {
      const { what, outcome, check } = note;
      const ended = await inTime(outcome, what);
      this.#checked(what, () => check(ended));
      this.#notes.shift();
    }
    await pause();
    if (this.#rejections.length > 0) throw faultOf('a rejection was not handled', this.#rejections[0]);
  }

  /** Destroys the device, which the models learn of some time later, or disposes the GPU. */
  endGpu(isLost: boolean): void {
    this.calls++;
    const { gpu, subjects } = this;
    if (isLost) gpu.device.destroy();
    else gpu.dispose();
    for (const subject of subjects) subject.end(isLost ? DeviceLostError : DisposedError, isLost);
    void gpu.lost.then(() => {
      for (const subject of subjects) subject.isEnding = false;
    });
  }

  /** Replaces a model that has ended, and with a lost device all of them. */
  async revive(subject: Subject): Promise<void> {
    await this.settle();
    if (!isAlive(this.gpu)) {
      this.#disposeAll();
      await this.#checkMemory();
      this.gpu = await requestGpu({ tuning: 'off' });
      this.#watch();
      const ended = this.subjects.splice(0);
      for (const each of ended) this.subjects.push(await this.#successorOf(each));
      return;
    }
    const index = this.subjects.indexOf(subject);
    this.subjects[index] = await this.#successorOf(subject);
  }

  /** Another model in the place of one that has ended: as that was when it was last taken down, or a new one. */
  async #successorOf(subject: Subject): Promise<Subject> {
    const { taken, options, kept } = subject;
    const next = taken?.plain ? await rebuild(this.gpu, subject, taken) : await this.#makeSubject(options);
    next.kept.push(...kept.map((each) => ({ ...each, changes: undefined })));
    return next;
  }

  /** Ends the run: what was taken must be free again. */
  async finish(checkSlots: (subject: Subject) => void): Promise<void> {
    await this.settle();
    for (const subject of this.subjects) if (!subject.ended) checkSlots(subject);
    await this.settle();
    this.#disposeAll();
    await this.settle();
    await this.#checkMemory();
  }

  /** Frees everything, after a fault too. */
  async dispose(): Promise<void> {
    this.#disposeAll();
    await Promise.all(this.#notes.map(({ outcome, what }) => inTime(outcome, what).catch(() => {})));
    await pause();
    this.#stop();
    removeEventListener('unhandledrejection', this.#onRejection);
  }

  #disposeAll(): void {
    for (const { model } of this.subjects) model.dispose();
  }

  async #makeSubject(options: SubjectOptions): Promise<Subject> {
    const kind = NETWORK_KINDS[options.kind % NETWORK_KINDS.length];
    const { features, isIndices, layers } = kind;
    const inputShape = isIndices ? [null] : [null, features];
    const { batchSize, seed } = options;
    return makeWith(options, async (slots) => {
      const model = await sequential(this.gpu, { inputShape, slots, batchSize, seed, layers: layers() });
      model.compile({ optimizer: sgd({ learningRate: LEARNING_RATE }), loss: 'meanSquaredError' });
      return new Subject(model, kind, options, await model.getWeights());
    });
  }

  /** Counts the buffers of the device, but for those that readings of all models share. */
  #watch(): void {
    this.#stop();
    const { live, stop } = watchBuffers(
      this.gpu.device,
      (label) => label !== 'readback staging' && label !== TEST_BUFFER,
    );
    this.#live = live;
    this.#stop = stop;
  }

  async #checkMemory(): Promise<void> {
    await Promise.race([this.gpu.device.queue.onSubmittedWorkDone(), this.gpu.lost]);
    const { count, bytes } = this.#live();
    if (count > 0) throw new Error(`${count} buffers with ${bytes} bytes are left of models that were disposed`);
  }

  #note<T>(what: string, outcome: Promise<Outcome<T>>, check: (outcome: Outcome<T>) => void): Promise<Outcome<T>> {
    this.#notes.push({ what, outcome, check: check as Note['check'] });
    return outcome;
  }

  #checked(what: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      throw faultOf(what, error);
    }
  }
}

/** The error that a call must have now, or those that it may have. */
function refusalsNow(
  { ended, isEnding, callbacks }: Subject,
  refusal?: ErrorClass,
): { must?: ErrorClass; may: ErrorClass[] } {
  const end = ended ? [ended] : [];
  if (ended && !isEnding) return { must: ended, may: [] };
  const isBusy = callbacks > 0;
  if (refusal && !ended && !isBusy && refusal !== BusyError) return { must: refusal, may: [] };
  return { may: [...end, ...(refusal ? [refusal] : []), ...(isBusy ? [BusyError] : [])] };
}

function isOneOf(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((each) => error instanceof each);
}

export function isAlive(gpu: Gpu): boolean {
  try {
    gpu.assertAlive('');
    return true;
  } catch {
    return false;
  }
}

function outcomeOf<T>(what: string, act: () => Promise<T>): Promise<Outcome<T>> {
  let result: Promise<T>;
  try {
    result = act();
  } catch (error) {
    throw faultOf(`${what} threw where it has to reject`, error);
  }
  return result.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** The error that tells which call went wrong. */
function faultOf(what: string, cause: unknown): Error {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new Error(`${what}: ${text}`, { cause });
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer!: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: it has not settled for ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the page do what waits, such as telling of rejections. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
