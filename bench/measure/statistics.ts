/** What samples come down to. */
export interface Summary {
  median: number;
  p10: number;
  p90: number;
}

/** @param samples in any order, at least one */
export function summarize(samples: readonly number[]): Summary {
  return { median: quantile(samples, 0.5), p10: quantile(samples, 0.1), p90: quantile(samples, 0.9) };
}

/**
 * The number below which the given fraction of the samples lies, interpolated between the two nearest.
 *
 * @param fraction from 0 to 1
 * @see Hyndman & Fan 1996, definition 7
 */
export function quantile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = fraction * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
