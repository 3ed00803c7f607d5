import type { KernelContract } from '../../runtime/kernel.ts';
import scalars from './load-scalars.wgsl?raw';
import vectors from './load-vectors.wgsl?raw';
import { variant } from '../variant.ts';

/** Width of the loads of a matrix: single elements, or vectors of four. */
export type LoadWidth = 'scalars' | 'vectors';

/** Makes a kernel for each load width out of one source, with the prelude that declares and loads the matrices. */
export function inEachLoadWidth<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<LoadWidth, KernelContract<B, C>> {
  return {
    scalars: variant(contract, scalars),
    vectors: variant(contract, vectors),
  };
}
