import type { Compiling } from '../training/jobs/compiling.ts';

/** What is going on while training waits for kernels, such as `compiling 4 of 11 kernels`. */
export function compilingWords({ compiled, kernels }: Compiling): string {
  return kernels === 0 ? 'preparing' : `compiling ${compiled} of ${kernels} kernels`;
}
