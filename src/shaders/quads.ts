import type { KernelContract } from '../runtime/kernel.ts';
import noQuads from './prelude/no-quads.wgsl?raw';
import quads from './prelude/quads.wgsl?raw';
import { variant } from './variant.ts';

/** Who loads the numbers that neighbours need as well: each of them, or a quad of four together. */
export type Loading = 'alone' | 'quads';

/** Threads of a quad: a workgroup has no parts of one. */
export const QUAD = 4;

/** One source as a kernel for each loading: a prelude says whether there are quads. */
export function inEachLoading<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): Record<Loading, KernelContract<B, C>> {
  return {
    alone: variant(contract, noQuads),
    quads: variant(contract, quads, 'subgroups'),
  };
}
