import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, positiveInteger } from '../../runtime/options.ts';

/** How many streams a model has slots for. */
export interface SlotsOptions {
  /** For how many there is memory at first. When more are open it doubles, and every state is kept. Default: 64, or `max`. */
  initial?: number;
  /** The most streams that are open at once. */
  max: number;
}

const INITIAL = 64;

/** @throws ValueError */
export function checkSlots(
  where: string,
  slots: number | SlotsOptions | undefined,
): Required<SlotsOptions> | undefined {
  if (slots === undefined) return undefined;
  if (typeof slots !== 'object' || slots === null) {
    const max = positiveInteger(where, 'slots', slots);
    return { initial: max, max };
  }
  const what = `${where}: slots`;
  knownOptions(what, slots, ['initial', 'max']);
  const max = positiveInteger(what, 'max', slots.max);
  const initial = positiveInteger(what, 'initial', slots.initial ?? Math.min(INITIAL, max));
  if (initial > max) throw new ValueError(`${what}: initial is ${initial}, expected at most max, which is ${max}.`);
  return { initial, max };
}
