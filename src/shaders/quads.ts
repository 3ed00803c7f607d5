import type { KernelContract } from '../runtime/kernel.ts';
import noQuads from './prelude/no-quads.wgsl?raw';
import quads from './prelude/quads.wgsl?raw';
import { variant } from './variant.ts';

/** How invocations load values that their neighbours need too: each on its own, or four of them together as a quad. */
export type Loading = 'alone' | 'quads';

/** Threads of a quad; the size of a workgroup has to be a multiple of it. */
export const QUAD = 4;

/** Makes a kernel for each way of loading out of one source, with the prelude that defines the exchange within a quad. */
export function inEachLoading<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Loading, KernelContract<B, C>> {
  return {
    alone: variant(contract, noQuads),
    quads: variant(contract, quads, 'subgroups'),
  };
}
