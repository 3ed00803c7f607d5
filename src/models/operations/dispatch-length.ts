/** How long a dispatch may take, in milliseconds: short enough to stop and to draw a page after it. */
const LONGEST_MS = 50;

/**
 * How many of `all` equal pieces of work one dispatch takes. The number is whole and from 1 to `all` whatever the pace is:
 * a measurement decides how work is cut, never whether it is done.
 *
 * @param workOfOne multiply-adds of a piece
 * @param pace multiply-adds in a millisecond
 */
export function piecesInDispatch(all: number, workOfOne: number, pace: number): number {
  const inTime = Math.floor((LONGEST_MS * pace) / workOfOne);
  return inTime >= 1 ? Math.min(inTime, all) : 1;
}
