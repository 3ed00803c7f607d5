import type { KernelContract } from '../runtime/kernel.ts';
import float16 from './prelude/stored-float16.wgsl?raw';
import float32 from './prelude/stored-float32.wgsl?raw';
import { variant } from './variant.ts';

/** Precision in which weights are stored, by Keras' names; sums are always in float32. */
export const PRECISIONS = ['float32', 'mixedFloat16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** 32-bit words of a WeightVector, which holds a weight for each of the four gates of a unit. */
export const VECTOR_WORDS: Record<Precision, number> = { float32: 4, mixedFloat16: 2 };

/** Makes a kernel for each precision out of one source, with the prelude that defines the type in which weights are stored. */
export function inEachPrecision<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Precision, KernelContract<B, C>> {
  return {
    float32: variant(contract, float32),
    mixedFloat16: variant(contract, float16, 'f16'),
  };
}
