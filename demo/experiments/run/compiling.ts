import type { Progress } from '../../../src/index.ts';
import type { Compiling } from '../experiment.ts';

/** How many kernels have compiled, while training waits for them. */
export function compilingIn({ phase, compiled = 0, kernels = 0 }: Progress): Compiling | undefined {
  return phase === 'compiling' ? { compiled, kernels } : undefined;
}
