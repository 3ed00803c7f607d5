import type { Progress } from '../../../src/index.ts';

/** How many of how many kernels have compiled, while training waits for them. */
export interface CompilingNews {
  compiling?: { compiled: number; kernels: number };
}

/** Tells of kernels that compile. */
export function compiling(
  { phase, compiled = 0, kernels = 0 }: Progress,
  tell: (news: Required<CompilingNews>) => void,
): void {
  if (phase === 'compiling') tell({ compiling: { compiled, kernels } });
}
