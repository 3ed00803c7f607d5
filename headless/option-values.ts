import { UsageError } from './complaint.ts';

/** The names in a list like `['a,b', 'c']`. */
export function names(lists: readonly string[] = []): string[] {
  return lists.flatMap((list) => list.split(',')).map((name) => name.trim());
}

/** @throws UsageError unless the value is one of those known; `none` tells why there may be none */
export function oneOf(option: string, given: string, known: readonly string[], none = ''): void {
  if (known.includes(given)) return;
  const choice = known.length > 0 ? `one of ${known.join(', ')}` : `none: ${none}`;
  throw new UsageError(`${option} is "${given}", expected ${choice}.`);
}

/** @throws UsageError unless the value is a whole number, `least` or greater */
export function wholeNumber(option: string, given: string, least: number): number {
  const number = Number(given);
  if (given.trim() !== '' && Number.isInteger(number) && number >= least && number < 2 ** 32) return number;
  throw new UsageError(`${option} is "${given}", expected a whole number from ${least} on.`);
}
