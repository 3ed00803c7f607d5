import type { Gpu } from '../../runtime/gpu.ts';

/** How much of a piece of work is timed to find its fastest way. */
export interface RehearsalSize {
  /** Time steps at the most: enough to tell which way is faster, whatever the length of sequences is. */
  steps: number;
  /** Factors of each element of a product at the most. */
  factors: number;
  /** Multiply-adds at the most. */
  work: number;
  /** Numbers in the factors and results of a product at the most, since its own memory is taken beside the model's. */
  numbers: number;
}

/** On a processor a small part shows which way is fastest, and more of it would only take longer. */
const ON_SOFTWARE: RehearsalSize = { steps: 16, factors: 4096, work: 1e8, numbers: Infinity };

/** A GPU that is not full hardly shows it, so that work is timed at full size as far as that takes some milliseconds. */
const ON_GPU: RehearsalSize = { steps: 32, factors: Infinity, work: 2e10, numbers: 2 ** 26 };

export function rehearsalSize({ isSoftware }: Pick<Gpu, 'isSoftware'>): RehearsalSize {
  return isSoftware ? ON_SOFTWARE : ON_GPU;
}
