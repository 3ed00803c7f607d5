import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, optionalFunction, positiveInteger } from '../../runtime/options.ts';
import type { StreamSnapshot } from './snapshot.ts';
import type { Stream } from './stream.ts';

/** How many streams a model has slots for. */
export interface SlotsOptions {
  /** For how many there is memory at first. When more are open it doubles, and every state is kept. Default: 64, or `max`. */
  initial?: number;
  /** The most streams that are open at once. */
  max: number;
  /**
   * Lets a new stream take the slot of the least recently used one if none is free. That one is closed behind its pushes, whose
   * outputs still come, and this function is called with its snapshot, from which `model.restoreStream` goes on, in the order
   * in which streams were evicted. Pushes, generations, resets and forks are uses. An error that the function throws, or with
   * which its promise rejects, is thrown by the next call of the model, once. It is not called after `dispose`: await
   * `model.saveStreams()` before that, behind which the evictions so far have arrived. Default: then SlotsFullError is thrown.
   */
  onEvict?: (saved: StreamSnapshot, stream: Stream) => unknown;
}

/** Options with the defaults filled in. */
export type CheckedSlots = SlotsOptions & { initial: number };

const INITIAL = 64;

/** @throws ValueError */
export function checkSlots(where: string, slots: number | SlotsOptions | undefined): CheckedSlots | undefined {
  if (slots === undefined) return undefined;
  if (typeof slots !== 'object' || slots === null) {
    const max = positiveInteger(where, 'slots', slots);
    return { initial: max, max };
  }
  const what = `${where}: slots`;
  knownOptions(what, slots, ['initial', 'max', 'onEvict']);
  const max = positiveInteger(what, 'max', slots.max);
  const initial = positiveInteger(what, 'initial', slots.initial ?? Math.min(INITIAL, max));
  if (initial > max) throw new ValueError(`${what}: initial is ${initial}, expected at most max, which is ${max}.`);
  optionalFunction(what, 'onEvict', slots.onEvict);
  return { ...slots, initial };
}
