import { UsageError } from './complaint.ts';

/** The names in a list like `['a,b', 'c']`. */
export function names(lists: readonly string[] = []): string[] {
  return lists.flatMap((list) => list.split(',')).map((name) => name.trim());
}

/** @throws UsageError unless the value is one of those known; `none` tells why there may be none */
export function oneOf(option: string, given: string, known: readonly string[], none = ''): void {
  if (known.includes(given)) return;
  const choice = known.length > 0 ? `one of ${known.join(', ')}` : `none: ${none}`;
  throw new UsageError(`${option} is "${given}", expected ${choice}.${hintAtName(given, known)}`);
}

/**
 * A hint, to be put behind an error message: the known name that begins like the given one, if there is only one. The edit
 * distance, by which the library finds misspelled options, would take "stateful" for "stateless-full".
 */
export function hintAtName(given: string, known: readonly string[]): string {
  const shared = known.map((name) => commonBeginning(given, name));
  const longest = Math.max(...shared);
  const nearest = known.filter((_name, index) => shared[index] === longest);
  const letters = longest - (given.startsWith('--') ? '--'.length : 0);
  return nearest.length === 1 && letters >= 2 ? ` Did you mean ${nearest[0]}?` : '';
}

/** How many letters two texts have in common, from the first on. */
function commonBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

const LARGEST = 2 ** 32 - 1;

/**
 * The whole number that an option gives, or else the default.
 *
 * @throws UsageError unless the value is a whole number, `least` or greater
 */
export function wholeNumber<T>(option: string, given: string | undefined, least: number, otherwise: T): number | T {
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (given.trim() !== '' && Number.isInteger(number) && number >= least && number <= LARGEST) return number;
  const range = number > LARGEST ? `from ${least} to ${LARGEST}` : `from ${least} on`;
  throw new UsageError(`${option} is "${given}", expected a whole number ${range}.`);
}

/** Writes to the file or folder that an option names. @throws UsageError if that is not possible */
export function writeTo(option: string, path: string, write: (path: string) => void): void {
  try {
    write(path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option} is "${path}", but ${REASONS[code] ?? `writing there fails: ${message}`}.`);
  }
}

const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EISDIR: 'that is a folder, expected a file',
  EEXIST: 'that is a file, expected a folder',
  EACCES: 'only another user may write there',
  EROFS: 'that disk is read-only',
};
