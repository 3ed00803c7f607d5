import { DISPATCH_MS } from '../../runtime/autotune/cost-model.ts';

/**
 * How many of `all` equal pieces of work one dispatch takes, so that it lasts at most DISPATCH_MS. The number is whole and from
 * 1 to `all` whatever the throughput is: a measurement decides how work is cut, never whether it is done.
 *
 * @param workOfOne multiply-adds of a piece
 * @param throughput in multiply-adds per millisecond
 */
export function piecesInDispatch(all: number, workOfOne: number, throughput: number): number {
  const inTime = Math.floor((DISPATCH_MS * throughput) / workOfOne);
  return inTime >= 1 ? Math.min(inTime, all) : 1;
}
