import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';

/** Rules that tell which numbers are valid, and a hint for the error message about others. */
export interface NumberRules {
  /** Whether NaN and Infinity are valid. */
  allowsNonFinite: boolean;
  /** The last sentence of the error message about a missing number (null, undefined, '' or not finite): how to mend it. */
  hint: string;
}

/** The rules for samples, which must be finite. */
export const FINITE_NUMBERS: NumberRules = {
  allowsNonFinite: false,
  hint: 'Fill in or leave out missing values; mark steps that are padding with lengths or a masking layer.',
};

/** The rules for samples whose lengths are given: what is computed for padding is dropped, but NaN would spread from it. */
export const PADDED_NUMBERS: NumberRules = {
  allowsNonFinite: false,
  hint: 'Fill in missing values, with any number, e.g. 0, in steps that lengths marks as padding.',
};

/** The rules for targets. */
export const TARGET_NUMBERS: NumberRules = {
  allowsNonFinite: false,
  hint: 'Leave out samples without a target, or give them any target and a sampleWeight of 0.',
};

/** The rules for numbers that lie beside samples, such as their weights, lengths and states. */
export const OTHER_NUMBERS: NumberRules = { allowsNonFinite: false, hint: 'Give a number in every place.' };

/**
 * The rules for weights and states: NaN and Infinity are valid, since a model must accept what `getWeights` returned even if
 * its training diverged.
 */
export const ALL_NUMBERS: NumberRules = {
  allowsNonFinite: true,
  hint: 'Give a number in every place; JSON turns NaN and Infinity into null.',
};

/**
 * Checks numbers and converts them to float32.
 *
 * @param positionOf the position of the number at an index, as error messages name it
 * @returns the list itself if it is a Float32Array whose memory is not shared with other threads, new memory otherwise
 * @throws ValueError if one is not a number that float32 can hold, or not finite where the rules do not allow that
 */
export function toFloat32(
  where: string,
  list: ArrayLike<unknown>,
  positionOf: (index: number) => string,
  rules: NumberRules = FINITE_NUMBERS,
): Float32Array<ArrayBuffer> {
  const data = isUnsharedFloat32(list) ? list : new Float32Array(list.length);
  const wrong = fill(data, 0, list, rules.allowsNonFinite);
  if (wrong >= 0) throw invalidNumber(where, list[wrong], positionOf(wrong), rules);
  return data;
}

/** Whether a list can be written to the GPU without a copy. Shared memory cannot, since Dawn in Node crashes on it. */
function isUnsharedFloat32(list: unknown): list is Float32Array<ArrayBuffer> {
  const isShared = (buffer: ArrayBufferLike) =>
    typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
  return list instanceof Float32Array && !isShared(list.buffer);
}

/** Writes numbers into `data` from index `first` on, up to the first invalid one. Returns its index in the list, or -1. */
export function fill(data: Float32Array, first: number, list: ArrayLike<unknown>, allowsNonFinite: boolean): number {
  if (list instanceof Float32Array) {
    if (list !== data) data.set(list, first);
    return allowsNonFinite ? -1 : firstNonFinite(data, first, list.length);
  }
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    const number = typeof value === 'bigint' && isSafeInteger(value) ? Number(value) : value;
    if (typeof number !== 'number') return index;
    data[first + index] = number;
    const isValid = Number.isFinite(data[first + index]) || (allowsNonFinite && !Number.isFinite(number));
    if (!isValid) return index;
  }
  return -1;
}

/** The index of the first number that is not finite, or -1. It is several times as fast for taking one type of array alone. */
function firstNonFinite(data: Float32Array, first: number, count: number): number {
  for (let index = 0; index < count; index++) if (!Number.isFinite(data[first + index])) return index;
  return -1;
}

function isSafeInteger(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}

/** The error for a value that is not valid. */
export function invalidNumber(where: string, value: unknown, at: string, { hint }: NumberRules): ValueError {
  const holds = `${where} holds ${show(value)} at ${at}`;
  if (typeof value === 'bigint') return new ValueError(`${holds}, expected whole numbers of at most 2^53 - 1.`);
  if (typeof value !== 'number') {
    const isMissing = value === undefined || value === null || value === '';
    return new ValueError(`${holds}, expected a number. ${isMissing ? hint : 'Convert it first, e.g. with Number().'}`);
  }
  if (!Number.isFinite(value)) return new ValueError(`${holds}, expected finite numbers. ${hint}`);
  return new ValueError(
    `${holds}, expected at most 3.4e38 in size, the most that float32 holds. Scale the numbers, e.g. with standardize.`,
  );
}
