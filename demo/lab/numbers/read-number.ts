/** Why a cell is no number, as the end of a sentence that begins with the cell. */
export type Why = string;

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?(\d+,\d+|\d+,|,\d+)(e[+-]?\d+)?$/i;
const WITH_THOUSANDS = /^[+-]?\d{1,3}([., ’'\u00a0\u202f]\d{3})+([.,]\d+)?$/;

/** A cell in whose number the thousands are parted. */
export const THOUSANDS: Why = 'has marks between its thousands: leave them out';

/** The largest number that the GPU holds. */
const LARGEST = 3.4e38;

/** Numbers closer to 0 leave no digits for what is computed from them. */
const SMALLEST = 1e-290;

/** Whether a cell is numbers with spaces between them, which may also be the thousands of one: 1 234. */
export function areSeveral(cell: string): boolean {
  const parts = cell.trim().split(/ +/);
  return parts.length > 1 && parts.every((part) => PLAIN.test(part) || DECIMAL_COMMA.test(part));
}

/** The number in a cell, whose decimals stand behind a point or a comma; or why it is none. */
export function readNumber(cell: string): number | Why {
  const text = cell.trim().replaceAll('−', '-');
  if (text === '') return 'is empty';
  const written = PLAIN.test(text) ? text : DECIMAL_COMMA.test(text) ? text.replace(',', '.') : undefined;
  if (written === undefined) {
    if (areSeveral(text)) return 'has spaces in it: take them out of one number, and put semicolons between several';
    return WITH_THOUSANDS.test(text) ? THOUSANDS : 'is no number';
  }
  const value = Number(written);
  if (Math.abs(value) > LARGEST) return 'is larger than the GPU can hold';
  const isZero = !/[1-9]/.test(written.replace(/e.*/i, ''));
  return isZero || Math.abs(value) >= SMALLEST ? value : 'is too close to 0 to be computed with: give another unit';
}
