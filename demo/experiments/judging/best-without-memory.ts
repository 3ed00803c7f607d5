/** How well a network can do at best, on the pieces of a sequence that begins with a one and of one that does not. */
export interface Best {
  loss: number;
  /** So many pieces of all are answered right. */
  right: number;
  pieces: number;
  accuracy: number;
}

/** The best accuracy as a fraction, such as `6/11`. */
export function fractionOf({ right, pieces }: Pick<Best, 'right' | 'pieces'>): string {
  const common = commonDivisor(right, pieces);
  return `${right / common}/${pieces / common}`;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/**
 * How well a network without memory can do at best when each sequence is cut into `pieces`, of which only the first shows
 * the element that decides.
 *
 * Half of the sequences have target 1, so a share 1/2k of the pieces shows a one and is certain. All the others are zeros
 * and look alike; a share p = (k - 1)/(2k - 1) of them has target 1. To call them all 0 is right for k + 1 of 2k pieces, and
 * no single answer to them costs less than the entropy of p. Halves that are balanced exactly leave nothing to luck: no
 * network gets beyond.
 */
export function bestWithoutMemory(pieces: number): Best {
  const p = (pieces - 1) / (2 * pieces - 1);
  const entropy = p === 0 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p);
  return {
    loss: (1 - 1 / (2 * pieces)) * entropy,
    right: pieces + 1,
    pieces: 2 * pieces,
    accuracy: (pieces + 1) / (2 * pieces),
  };
}
