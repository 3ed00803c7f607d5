import type { Compiling } from '../experiments/experiment.ts';

/** Says how far the kernels are for which training waits: `compiling 4 of 11 kernels`. */
export function compilingWords({ compiled, kernels }: Compiling): string {
  return kernels === 0 ? 'preparing' : `compiling ${compiled} of ${kernels} kernels`;
}
