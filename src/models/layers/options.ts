import { ValueError } from '../../runtime/errors.ts';

/** @throws ValueError unless `value` is a whole number of at least 1 */
export function positiveInteger(where: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a positive whole number.`);
}

/** @throws ValueError unless `value` is one of `known` */
export function oneOf<T extends string>(where: string, name: string, value: unknown, known: readonly T[]): T {
  if (known.includes(value as T)) return value as T;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected one of ${known.map(show).join(', ')}.`);
}

/** @throws ValueError if an option is not known, naming those that are */
export function knownOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ValueError(`${where}: there is no option "${name}". The options are ${known.join(', ')}.`);
    }
  }
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return JSON.stringify(value) ?? String(value);
}
