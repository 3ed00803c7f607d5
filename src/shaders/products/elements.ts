import type { KernelContract } from '../../runtime/kernel.ts';
import numbers from './elements-numbers.wgsl?raw';
import vectors from './elements-vectors.wgsl?raw';
import { variant } from '../variant.ts';

/** Width of the loads of a matrix: single elements, or vectors of four. */
export type Elements = 'numbers' | 'vectors';

/** Makes a kernel for each width out of one source, with the prelude that declares and loads the matrices. */
export function inEachElements<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Elements, KernelContract<B, C>> {
  return {
    numbers: variant(contract, numbers),
    vectors: variant(contract, vectors),
  };
}
