import { defineKernel, type KernelContract } from '../runtime/kernel.ts';
import numbers from './prelude/elements-numbers.wgsl?raw';
import vectors from './prelude/elements-vectors.wgsl?raw';

/** How many elements of a matrix a load brings: one, or four that lie side by side. */
export const ELEMENTS = ['numbers', 'vectors'] as const;
export type Elements = (typeof ELEMENTS)[number];

/** One source as a kernel for each: a prelude declares the matrices. */
export function inEachElements<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Elements, KernelContract<B, C>> {
  const { preludes = [] } = contract;
  return {
    numbers: defineKernel({ ...contract, preludes: [numbers, ...preludes] }),
    vectors: defineKernel({ ...contract, preludes: [vectors, ...preludes] }),
  };
}
