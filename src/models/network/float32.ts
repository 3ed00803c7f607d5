import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';

/** Which numbers are valid, and a hint for the error message about others. */
export interface NumberRules {
  /** Whether NaN and Infinity are valid. */
  allowsNonFinite: boolean;
  /** The sentence that says what to do where a number is missing: it is null, undefined, empty or not finite. */
  hint: string;
}

/** Samples must be finite. */
export const OF_SAMPLES: NumberRules = {
  allowsNonFinite: false,
  hint: 'Fill in or leave out missing values; mark steps that are padding with lengths or a masking layer.',
};

/** Weights and states may be NaN, since a model must accept its own again even if its training diverged. */
export const OF_MODELS: NumberRules = {
  allowsNonFinite: true,
  hint: 'Give a number in every place; JSON turns NaN and Infinity into null.',
};

/**
 * Checks numbers and brings them into float32.
 *
 * @param positionOf the position of the number at an index, as error messages name it
 * @returns the list itself if it is a Float32Array whose memory is not shared with other threads, new memory otherwise
 * @throws ValueError if one is not a number that float32 can hold, or not finite where the rules do not allow that
 */
export function toFloat32(
  where: string,
  list: ArrayLike<unknown>,
  positionOf: (index: number) => string,
  rules: NumberRules = OF_SAMPLES,
): Float32Array<ArrayBuffer> {
  const data = isOwnFloat32(list) ? list : new Float32Array(list.length);
  const wrong = fill(data, 0, list, rules.allowsNonFinite);
  if (wrong >= 0) throw invalidNumber(where, list[wrong], positionOf(wrong), rules);
  return data;
}

/** Whether a list can be written to the GPU without a copy. Shared memory cannot, since Dawn in Node crashes on it. */
function isOwnFloat32(list: unknown): list is Float32Array<ArrayBuffer> {
  const isShared = (buffer: ArrayBufferLike) =>
    typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
  return list instanceof Float32Array && !isShared(list.buffer);
}

/** Writes numbers from index `first` on. Returns the index in the list of the first invalid one, or -1. */
export function fill(data: Float32Array, first: number, list: ArrayLike<unknown>, allowsNonFinite: boolean): number {
  if (list instanceof Float32Array) {
    if (list !== data) data.set(list, first);
    return allowsNonFinite ? -1 : firstNonFinite(data, first, list.length);
  }
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    const number = typeof value === 'bigint' && isSafe(value) ? Number(value) : value;
    if (typeof number !== 'number') return index;
    data[first + index] = number;
    const isTaken = Number.isFinite(data[first + index]) || (allowsNonFinite && !Number.isFinite(number));
    if (!isTaken) return index;
  }
  return -1;
}

/** The index of the first number that is not finite. A function that only sees one kind of array is several times as fast. */
function firstNonFinite(data: Float32Array, first: number, count: number): number {
  for (let index = 0; index < count; index++) if (!Number.isFinite(data[first + index])) return index;
  return -1;
}

function isSafe(value: bigint): boolean {
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
  return new ValueError(`${holds}, expected at most 3.4e38 in size, the most that float32 holds. Scale the numbers.`);
}
