/** A contender with long samples gets fewer of them: about a minute's worth, and at least so many. */
const LONG_MS = 60_000;
const MIN_ROUNDS = 5;

/**
 * How many samples to take.
 *
 * @param wanted for contenders that are fast enough
 * @param sample how long a sample takes, in milliseconds
 */
export function sampleCount(wanted: number, sample: number): number {
  return Math.min(wanted, Math.max(MIN_ROUNDS, Math.floor(LONG_MS / sample)));
}

/**
 * Round robin: who is on in each round. Those with fewer samples are spread evenly over the rounds.
 *
 * @param counts how many samples each takes
 * @returns a list of places in `counts` for each round
 */
export function rounds(counts: readonly number[]): number[][] {
  const most = Math.max(0, ...counts);
  return Array.from({ length: most }, (_, round) =>
    counts.flatMap((count, place) =>
      Math.floor(((round + 1) * count) / most) > Math.floor((round * count) / most) ? [place] : [],
    ),
  );
}
