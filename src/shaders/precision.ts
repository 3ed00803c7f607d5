import type { KernelContract } from '../runtime/kernel.ts';
import float16 from './prelude/stored-float16.wgsl?raw';
import float32 from './prelude/stored-float32.wgsl?raw';
import { variant } from './variant.ts';

/** What weights are stored in; all sums are in float32. The words are Keras'. */
export const PRECISIONS = ['float32', 'mixedFloat16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** 32-bit words that the four gates of a unit take up. */
export const VECTOR_WORDS: Record<Precision, number> = { float32: 4, mixedFloat16: 2 };

/** One source as a kernel for each precision: a prelude says what `Stored` is. */
export function inEachPrecision<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Precision, KernelContract<B, C>> {
  return {
    float32: variant(contract, float32),
    mixedFloat16: variant(contract, float16, 'f16'),
  };
}
