import type { KernelContract } from '../../runtime/kernel.ts';
import numbers from '../prelude/elements-numbers.wgsl?raw';
import vectors from '../prelude/elements-vectors.wgsl?raw';
import { variant } from '../variant.ts';

/** How many elements of a matrix a load brings: one, or four that lie side by side. */
export type Elements = 'numbers' | 'vectors';

/** One source as a kernel for each: a prelude declares the matrices. */
export function inEachElements<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Elements, KernelContract<B, C>> {
  return {
    numbers: variant(contract, numbers),
    vectors: variant(contract, vectors),
  };
}
