import { ValueError } from '../index.ts';

/**
 * The most bytes of JSON that are parsed. The configuration of a model of a hundred layers has some 100 kB, and what
 * `JSON.parse` makes of a text takes several times its size.
 */
const MAX_JSON_BYTES = 16 * 2 ** 20;

/** Lists and objects within each other: the configuration of a model in Keras has some twenty. */
const MAX_DEPTH = 200;

/** The most letters of a value that an error message shows. */
const MAX_LETTERS = 60;

/** The most names of a list that an error message shows. */
const MAX_NAMES = 6;

/** A value as an error message shows it: abbreviated if it is long. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlain(value)) {
    if (value instanceof Promise) return 'a Promise, which must be awaited';
    const { name } = value.constructor;
    return name === '' ? 'an object' : `a ${name}`;
  }
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  if (text === undefined) return String(value);
  if (text.length <= MAX_LETTERS) return text;
  if (typeof value === 'string') return JSON.stringify(`${value.slice(0, MAX_LETTERS)}…`);
  return Array.isArray(value) ? `an array of length ${value.length}` : `${text.slice(0, MAX_LETTERS)}…`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Names for an error message, `"a", "b"`, of which many are abbreviated. */
export function showAll(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).map(show).join(', ')}${more}`;
}

/** @throws ValueError unless there are options, and all of them are known */
export function knownOptions(where: string, options: unknown, known: readonly string[]): void {
  const list = `The options are ${known.join(', ')}.`;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ValueError(`${where}: got ${show(options)}, expected options by name, { ${known[0]}: … }. ${list}`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ValueError(`${where}: there is no option ${show(unknown)}. ${list}`);
}

/**
 * A value of a JSON text together with its place there, so that what is wrong is refused with the place. Its methods throw
 * ValueError, such as `loadModel: model.h5: model_config.config.layers[1].config.units is "4", expected a whole number of at
 * least 1.`
 */
export class JsonValue {
  /**
   * @param where what begins each error message: the call and the file, `loadModel: model.h5`
   * @param path the place in the file; empty for the whole text
   */
  constructor(
    readonly where: string,
    readonly path: string,
    readonly value: unknown,
  ) {}

  get isNull(): boolean {
    return this.value === null || this.value === undefined;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !this.isList;
  }

  /** @throws ValueError with the place, the value, what was expected, and a hint of what to do */
  fail(expected: string, hint = ''): never {
    const given = this.value === undefined ? 'missing' : show(this.value);
    throw new ValueError(`${this.#place} is ${given}, expected ${expected}.${hint && ` ${hint}`}`);
  }

  /** The names of the fields of an object. */
  keys(): string[] {
    return Object.keys(this.#object());
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object(), name);
  }

  /** A field of an object, with the value `undefined` if there is none: whoever reads it refuses that. */
  get(name: string): JsonValue {
    const value = this.has(name) ? this.#object()[name] : undefined;
    const isWord = /^[A-Za-z_$][\w$]*$/.test(name);
    const path = isWord ? `${this.path}${this.path && '.'}${name}` : `${this.path}[${show(name)}]`;
    return new JsonValue(this.where, path, value);
  }

  /** A field that may be left out or null. */
  optional(name: string): JsonValue | undefined {
    const field = this.get(name);
    return field.isNull ? undefined : field;
  }

  /** The entries of a list. */
  list(): JsonValue[] {
    if (!Array.isArray(this.value)) return this.fail('a list');
    return this.value.map((entry, index) => new JsonValue(this.where, `${this.path}[${index}]`, entry));
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a text');
  }

  /** A finite number. */
  number(): number {
    return typeof this.value === 'number' && Number.isFinite(this.value) ? this.value : this.fail('a finite number');
  }

  wholeNumber(least = 0): number {
    const { value } = this;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    return this.fail(`a whole number of at least ${least}`);
  }

  /** A list of whole numbers of at least `least`, such as a shape. */
  wholeNumbers(least = 0): number[] {
    return this.list().map((entry) => entry.wholeNumber(least));
  }

  trueOrFalse(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false');
  }

  oneOf<T extends string | number | boolean | null>(known: readonly T[], hint = ''): T {
    if (known.includes(this.value as T)) return this.value as T;
    return this.fail(known.length === 1 ? show(known[0]) : `one of ${known.map(show).join(', ')}`, hint);
  }

  /** @throws ValueError if the object has a field that is none of these, which would be dropped otherwise */
  onlyKeys(known: readonly string[]): void {
    const unknown = this.keys().find((name) => !known.includes(name));
    if (unknown === undefined) return;
    const field = this.get(unknown);
    throw new ValueError(
      `${field.#place} is ${show(field.value)}, which is not understood; the known fields there are ${showAll(known)}.`,
    );
  }

  get #place(): string {
    return `${this.where}: ${this.path || 'the JSON text'}`;
  }

  #object(): Readonly<Record<string, unknown>> {
    return this.isObject ? (this.value as Record<string, unknown>) : this.fail('an object');
  }
}

/**
 * Parses JSON of a file.
 *
 * @param path what begins the places in error messages, such as `model_config`
 * @throws ValueError if it is too long or too deep, or no JSON
 */
export function parseJson(where: string, path: string, json: string | Uint8Array): JsonValue {
  const place = `${where}${path && `: ${path}`}`;
  const size = typeof json === 'string' ? json.length : json.byteLength;
  if (size > MAX_JSON_BYTES) {
    throw new ValueError(`${place}: its JSON text has ${size} bytes, expected at most ${MAX_JSON_BYTES}.`);
  }
  try {
    const text = typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json);
    const value = JSON.parse(text) as unknown;
    if (isDeeper(value, MAX_DEPTH)) throw new Error(`it has more than ${MAX_DEPTH} lists or objects within each other`);
    return new JsonValue(where, path, value);
  } catch (error) {
    throw new ValueError(`${place}: expected JSON: ${(error as Error).message}.`, { cause: error });
  }
}

/** Whether lists and objects lie so deep within each other that recursive readers of them could overflow the stack. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** How many streams a model has slots for. @throws ValueError with the place if the most are fewer than those at first */
export function readSlots(field: JsonValue): { initial: number; max: number } {
  field.onlyKeys(['initial', 'max']);
  const initial = field.get('initial').wholeNumber(1);
  return { initial, max: field.get('max').wholeNumber(initial) };
}
