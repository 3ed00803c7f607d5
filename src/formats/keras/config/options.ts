import { ValueError } from '../../../index.ts';
import { show, type JsonValue } from '../../reading.ts';
import { camelCase, fieldOf, snakeCase } from './objects.ts';
import type { Origin, Program } from './program.ts';
import type { Value, Writing } from './values.ts';

/** An option of a class of Keras: a row of a table that both directions follow. */
export interface Option {
  /** Its name in Keras 3. */
  readonly keras: string;
  /** Other names, such as that of Keras 1. */
  readonly aliases?: readonly string[];
  /** Its name here. Without one the option has no effect here: it is checked, and written with its default. */
  readonly own?: string;
  readonly value: Value;
  /** The default in Keras 3, which is that of this library, in this library's words, or `REQUIRED`. */
  readonly standard: unknown;
  /** The defaults of other programs, where they are others. */
  readonly defaults?: Partial<Record<Program, unknown>>;
  /** Written only if it is set, since Keras itself does not write it. */
  readonly isRare?: boolean;
  /** TensorFlow.js does not have it. */
  readonly isKerasOnly?: boolean;
}

/** In place of a default: a file has to give the option. */
export const REQUIRED = Symbol('required');

type More = Partial<Pick<Option, 'keras' | 'aliases' | 'defaults' | 'isRare' | 'isKerasOnly'>>;

/** A row for an option that has an effect here. */
export function option(own: string, value: Value, standard: unknown, more: More = {}): Option {
  return { keras: snakeCase(own), own, value, standard, ...more };
}

/** A row for an option that has none. */
export function noEffect(keras: string, value: Value, standard: unknown, more: More = {}): Option {
  return { keras, value, standard, ...more };
}

/**
 * Reads the options of an object. Those with their default are left out.
 *
 * @param others the names of options that are read elsewhere, or whose value does not matter
 * @throws ValueError with the place if an option is unknown or missing, or its value has no counterpart here
 */
export function readOptions(
  config: JsonValue,
  options: readonly Option[],
  origin: Origin,
  others: readonly string[] = [],
): Record<string, unknown> {
  const names = [...options.flatMap(({ keras, aliases = [] }) => [keras, ...aliases]), ...others];
  config.onlyKeys([...new Set([...names, ...names.map(camelCase)])]);
  const read: Record<string, unknown> = {};
  for (const row of options) {
    const field = fieldOfRow(config, row);
    const value = field.value === undefined ? defaultOf(row, field, origin) : row.value.read(field, origin);
    if (row.own !== undefined && !isEqual(value, row.standard)) read[row.own] = value;
  }
  return read;
}

/** The field of an option, under whichever of its names is there. @throws ValueError if two are */
function fieldOfRow(config: JsonValue, { keras, aliases = [] }: Option): JsonValue {
  const [first = fieldOf(config, keras), second] = [keras, ...aliases]
    .map((name) => fieldOf(config, name))
    .filter(({ value }) => value !== undefined);
  return second ? second.fail(`nothing, since there is ${first.path} too`) : first;
}

function defaultOf({ defaults = {}, standard }: Option, field: JsonValue, { program, isCertain }: Origin): unknown {
  const value = program in defaults ? defaults[program] : standard;
  if (value === REQUIRED) return field.fail('a value');
  if (isCertain || Object.keys(defaults).length === 0) return value;
  return field.fail(
    'a value',
    'Programs have different defaults for it, and the file does not tell which of them wrote it.',
  );
}

/**
 * Writes options as Keras does, defaults included.
 *
 * @throws ValueError if an option has no counterpart there
 */
export function writeOptions(
  given: Readonly<Record<string, unknown>>,
  options: readonly Option[],
  writing: Writing,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const row of options) {
    const { keras, own, value, standard, isRare, isKerasOnly } = row;
    const set = own === undefined ? undefined : given[own];
    const where = `${writing.where}: ${own}`;
    if (isKerasOnly && writing.target === 'tfjs') assertUnset(where, row, set);
    else if (!isRare || (set !== undefined && set !== null)) {
      config[keras] = value.write(set ?? (standard === REQUIRED ? undefined : standard), { ...writing, where });
    }
  }
  return config;
}

/** @throws ValueError unless an option has the value that TensorFlow.js, which lacks it, stands for */
function assertUnset(where: string, { own, standard, defaults = {} }: Option, set: unknown): void {
  const needed = 'tfjs' in defaults ? defaults.tfjs : standard;
  const value = set ?? standard;
  if (own === undefined || isEqual(value, needed)) return;
  throw new ValueError(
    `${where} is ${show(value)}, but TensorFlow.js has no such option; it behaves as with ${show(needed)}. Save the model as ` +
      `.keras instead.`,
  );
}

/** Whether two values of options are the same. Functions count as the same if they carry the same class of Keras. */
export function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b));
}
