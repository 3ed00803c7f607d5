import type { KernelContract } from '../../runtime/kernel.ts';
import { variant } from '../variant.ts';
import scalars from './scalar-parts.wgsl?raw';
import vectors from './vector-parts.wgsl?raw';

/** The constants of both kernels, which tell how windows lie among the steps. */
export const WINDOW_CONSTANTS = ['STEPS', 'ROWS', 'PARTS', 'WINDOWS', 'TAPS', 'STRIDE', 'DILATION', 'PADDING'] as const;

/** How many features of a step are moved at a time. */
export const PART_SIZES = { scalars: 1, vectors: 4 } as const;

/** Makes a kernel for each size of a part out of one source, with the prelude that defines the part's type. */
export function forEachPart<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<keyof typeof PART_SIZES, KernelContract<B, C>> {
  return { scalars: variant(contract, scalars), vectors: variant(contract, vectors) };
}
