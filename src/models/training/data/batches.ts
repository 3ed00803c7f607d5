import { ValueError } from '../../../runtime/errors.ts';
import { isList, isThenable, show } from '../../../runtime/options.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import type { Lengths } from './lengths.ts';

/**
 * Samples to predict: `[x]`, or `{ x }` with the lengths of sequences. Targets beside them are not looked at. What a generator
 * yields counts as a list of any length for TypeScript, so its length is checked when the batch is there.
 */
export type InputBatch =
  | readonly [x: ArrayInput, ...unused: unknown[]]
  | readonly ArrayInput[]
  | { x: ArrayInput; lengths?: Lengths; y?: unknown; sampleWeight?: unknown };

/**
 * Samples and targets: `[x, y]`, `[x, y, sampleWeight]`, or the same by name, with the lengths of sequences. Lists are checked
 * as those of `InputBatch`.
 */
export type Batch =
  | readonly [x: ArrayInput, y: ArrayInput, sampleWeight?: ArrayInput]
  | readonly ArrayInput[]
  | { x: ArrayInput; y: ArrayInput; sampleWeight?: ArrayInput; lengths?: Lengths };

export type AnyIterable<B> = Iterable<B | PromiseLike<B>> | AsyncIterable<B>;

/**
 * Batches one by one: an iterable that is no array, also an asynchronous one, or a function that returns any iterable, such
 * as a generator function. `fit` goes through it once an epoch, so an iterator, which can be gone through once, suffices for
 * one epoch. If the iterable has a `length`, progress takes it for the number of its batches.
 *
 * While `evaluate` or `predict` goes through it, the iterable must not await a call of the same model, which waits for the end
 * of that one. While `fit` does, it may await `getWeights` and `getStates`, as anyone may, and other calls are refused.
 *
 * A call that ends before the last batch calls the iterator's `return`, as `for await` does, also if it is aborted before its
 * turn; only a call that is refused at once leaves the iterable as it is. It does not wait for an answer that does not come
 * when it is aborted, the model is disposed or the device is lost, nor `fit` for a batch when `stopTraining` is set.
 */
export type Batches<B = Batch> =
  // Arrays, which alone have "concat", hold numbers there.
  (AnyIterable<B> & { readonly concat?: never }) | (() => AnyIterable<B> | PromiseLike<AnyIterable<B>>);

type AnyIterator<B> = Iterator<B | PromiseLike<B>> | AsyncIterator<B>;

type AnyResult<B> = IteratorResult<B | PromiseLike<B>>;

/** Waits for what an iterable has promised. */
export type Wait = <T>(promise: PromiseLike<T>) => Promise<T>;

/** Whether a value is an iterable of batches, and no array of numbers. */
export function isBatches(value: unknown): value is Batches<unknown> {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && !isList(value) && iteratorMethod(value) !== undefined;
}

/** Goes through batches, once an epoch, and gives each when it is asked for, as `for await` does. */
export class BatchReader<B> {
  /** How many batches an epoch has, if the iterable tells, or has come to its end once. */
  length?: number;
  #iterator?: AnyIterator<B>;
  /** Whether the first epoch has begun. */
  #isBegun = false;
  /** Whether no more batches are wanted. */
  #isEnded = false;
  /** Whether a batch was asked for that the iterator has not given yet. */
  #isWaiting = false;
  #batches = 0;

  /**
   * @param epochs how many times the batches are going to be gone through
   * @throws ValueError if they can be gone through once only, or are a class
   */
  constructor(
    private readonly where: string,
    private readonly given: Batches<B>,
    epochs = 1,
  ) {
    if (isClass(given)) {
      throw new ValueError(`${where}: the batches are a class, expected an iterable, such as an object of that class.`);
    }
    if (epochs <= 1 || typeof (given as Partial<Iterator<B>>).next !== 'function') return;
    throw new ValueError(
      `${where}: the batches are an iterator, which can be gone through once, and there are ${epochs} epochs. Give the ` +
        `function that makes it: fit(() => batches(), options).`,
    );
  }

  /** Begins an epoch. @throws ValueError if a function returned no iterable */
  async begin(wait: Wait): Promise<void> {
    this.#isBegun = true;
    const iterable: unknown = typeof this.given === 'function' ? this.given() : this.given;
    if (!isThenable(iterable)) return this.#open(iterable, wait);
    // If the wait is ended, what is promised is opened all the same, and closed.
    return wait(Promise.resolve(iterable).then((promised) => this.#open(promised, wait)));
  }

  /** The next batch of the epoch, or `undefined` at its end. @throws ValueError if the epoch had none */
  async next(wait: Wait): Promise<{ batch: B } | undefined> {
    const result = await this.#ask(wait);
    if (!result.done) {
      this.#batches++;
      return { batch: isThenable(result.value) ? await wait(result.value) : result.value };
    }
    this.#iterator = undefined;
    if (this.#batches > 0) {
      this.length = this.#batches;
      return undefined;
    }
    throw new ValueError(
      `${this.where}: there was no batch, expected at least one in every epoch. An iterator can be gone through once; a ` +
        `function that makes one, () => batches(), can be given again.`,
    );
  }

  /**
   * Does work with the batches, and then tells an iterator that has not come to its end that no more are wanted.
   *
   * @param wait waits for the answer, unless the call is aborted
   */
  async during<T>(wait: Wait, work: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // An error of an iterator that is told to end gives way to the one for which it is.
      await this.#close(wait).catch(() => {});
      throw error;
    }
    await this.#close(wait);
    return result;
  }

  async #open(iterable: unknown, wait: Wait): Promise<void> {
    const make = iteratorMethod<B>(iterable);
    if (!make) {
      throw new ValueError(
        `${this.where}: the function returned ${show(iterable)}, expected an iterable of batches, such as [[x, y], …].`,
      );
    }
    const { length } = iterable as { length?: unknown };
    if (typeof length === 'number' && Number.isInteger(length)) this.length = length;
    this.#iterator = this.#checked(make.call(iterable));
    this.#batches = 0;
    // The call may have been aborted while a function's promise of the iterable was waited for.
    if (this.#isEnded) await this.#close(wait);
  }

  async #ask(wait: Wait): Promise<AnyResult<B>> {
    let asked: AnyResult<B> | PromiseLike<AnyResult<B>>;
    try {
      asked = this.#iterator!.next();
    } catch (error) {
      this.#failed();
      throw error;
    }
    if (!isThenable(asked)) return this.#checkedResult(asked);
    this.#isWaiting = true;
    asked.then(
      () => (this.#isWaiting = false),
      () => this.#failed(),
    );
    return this.#checkedResult(await wait(asked));
  }

  /** @throws ValueError unless it is an iterator */
  #checked(iterator: AnyIterator<B>): AnyIterator<B> {
    if (typeof (iterator as Partial<Iterator<B>> | undefined)?.next === 'function') return iterator;
    throw this.#brokenProtocol('[Symbol.iterator]', iterator, '{ next() }');
  }

  /** @throws ValueError unless it is what an iterator's `next` has to answer */
  #checkedResult(result: AnyResult<B>): AnyResult<B> {
    if (typeof result === 'object' && result !== null) return result;
    this.#failed();
    throw this.#brokenProtocol('next', result, '{ done, value }');
  }

  #brokenProtocol(name: string, given: unknown, expected: string): ValueError {
    return new ValueError(
      `${this.where}: ${name}() of the batches gave ${show(given)}, expected ${expected}. A generator function does that.`,
    );
  }

  /** An iterator that fails has come to its end, and is not told that no more batches are wanted. */
  #failed(): void {
    this.#isWaiting = false;
    this.#iterator = undefined;
  }

  async #close(wait: Wait): Promise<void> {
    const { given } = this;
    this.#isEnded = true;
    // An iterator may hold something open, such as a file, also if the call ends before it asks for a batch.
    if (!this.#isBegun && typeof given !== 'function') {
      this.#iterator = this.#checked(iteratorMethod<B>(given)!.call(given));
    }
    const closed = this.#iterator?.return?.();
    this.#iterator = undefined;
    // An asynchronous generator answers only when it has given the batch that it is working on.
    if (this.#isWaiting) void Promise.resolve(closed).catch(() => {});
    else if (isThenable(closed)) await wait(closed);
  }
}

/** Whether a value is a class, which only `new` can call. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function iteratorMethod<B>(value: unknown): (() => AnyIterator<B>) | undefined {
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous } = (value ?? {}) as Partial<
    AsyncIterable<B> & Iterable<B>
  >;
  return asynchronous ?? synchronous;
}
