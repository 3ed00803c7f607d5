import { ValueError } from './errors.ts';

/** @throws ValueError unless `value` is a whole number of at least 1 */
export function positiveInteger(where: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a positive whole number.`);
}

/** Whether a value is a number that float32 can hold, neither NaN nor Infinity. */
export function isFiniteFloat32(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

/** @throws ValueError unless `value` is a finite number, and not too large for float32 */
export function finiteNumber(where: string, name: string, value: unknown): number {
  if (isFiniteFloat32(value)) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a finite number.`);
}

/** @throws ValueError unless `value` is a finite number of at least 0, and not too large for float32 */
export function nonNegative(where: string, name: string, value: unknown): number {
  if (isFiniteFloat32(value) && value >= 0) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a finite number of at least 0.`);
}

/** @throws ValueError unless each of these options is a finite number of at least 0, or left out */
export function optionalNonNegatives(where: string, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) if (value !== undefined) nonNegative(where, name, value);
}

/** @throws ValueError unless `value` is true or false */
export function trueOrFalse(where: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected true or false.`);
}

/** @throws ValueError unless `value` is one of `known` */
export function oneOf<T extends string | null>(where: string, name: string, value: unknown, known: readonly T[]): T {
  if (known.includes(value as T)) return value as T;
  const list = known.map(show).join(', ');
  throw new ValueError(
    `${where}: ${name} is ${show(value)}, expected one of ${list}.${didYouMean(
      value,
      known.filter((other) => other !== null),
    )}`,
  );
}

/** @throws ValueError unless `value` is a function or left out */
export function optionalFunction(where: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a function.`);
}

/** @throws ValueError unless `value` is a name or left out */
export function optionalName(where: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new ValueError(`${where}: name is ${show(value)}, expected a text that is not empty.`);
}

/** @throws ValueError if there are no options, or one is not known, naming the nearest that is, and all of them */
export function knownOptions(where: string, options: unknown, known: readonly string[]): void {
  const list = `The options are ${known.join(', ')}.`;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ValueError(`${where}: got ${show(options)}, expected options by name, { ${known[0]}: … }. ${list}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ValueError(`${where}: there is no option ${show(name)}.${didYouMean(name, known)} ${list}`);
  }
}

/** A hint, to be put behind an error message: the nearest known name, if there is one. */
export function didYouMean(given: unknown, known: readonly string[]): string {
  const nearest = typeof given === 'string' && given.length <= MAX_LETTERS ? nearestName(given, known) : undefined;
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

/**
 * The known name whose initials are given, such as "learningRate" for "lr"; otherwise that with the smallest edit distance,
 * unless that is half of the longer name or more.
 */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const abbreviated = known.find((other) => name.length > 1 && initials(other) === name.toLowerCase());
  if (abbreviated !== undefined) return abbreviated;
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const distances = known.map((other) => editDistance(plain(name), plain(other)));
  const least = Math.min(...distances);
  const nearest = known[distances.indexOf(least)];
  return nearest !== undefined && 2 * least < Math.max(name.length, nearest.length) ? nearest : undefined;
}

/** The first letters of the words of a name in camel case. */
function initials(name: string): string {
  return (name[0] + name.slice(1).replace(/[^A-Z]/g, '')).toLowerCase();
}

/** The edit distance: how many letters must be inserted, deleted or replaced (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** Whether a value has a `then`, and so is to be awaited, of whatever class it is. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function';
}

/** Whether a value gives what it holds asynchronously. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

/** Whether a value is an array, plain or typed. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** The most letters of a text, and the most entries of an array or an object, that an error message shows. */
const MAX_LETTERS = 60;
const MAX_ENTRIES = 8;

/** A value as an error message shows it: abbreviated if it is long. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_LETTERS ? `${value.slice(0, MAX_LETTERS)}…` : value);
  }
  if (typeof value === 'bigint') {
    const digits = String(value);
    return digits.length > MAX_LETTERS ? `a bigint of ${digits.length} digits` : `${digits}n`;
  }
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? showObject(value) : String(value);
}

function showObject(value: object): string {
  const inside = (item: unknown) => (typeof item === 'object' && item !== null ? kindOf(item) : show(item));
  if (Array.isArray(value)) {
    const isShort = value.length <= MAX_ENTRIES && value.every((item) => typeof item !== 'string' || item.length < 20);
    return isShort ? `[${value.map(inside).join(', ')}]` : kindOf(value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return kindOf(value);
  const entries = Object.entries(value);
  const shown = entries.slice(0, MAX_ENTRIES).map(([name, item]) => `${show(name).slice(1, -1)}: ${inside(item)}`);
  if (shown.length === 0) return 'an empty object';
  return `{ ${[...shown, ...(entries.length > MAX_ENTRIES ? ['…'] : [])].join(', ')} }`;
}

/** The kind of an object for an error message, such as "an array of length 3", without its contents. */
export function kindOf(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object';
  const kind = `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
  if (name === 'Promise') return `${kind}, which must be awaited`;
  return isList(value) ? `${kind} of length ${value.length}` : kind;
}
