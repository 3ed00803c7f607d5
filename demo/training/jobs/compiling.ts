import type { Progress } from '../../../src/index.ts';

/** How many of how many kernels have compiled. */
export interface Compiling {
  compiled: number;
  kernels: number;
}

export interface CompilingNews {
  /** Told while training waits for kernels. */
  compiling?: Compiling;
}

/** How many kernels have compiled, while training waits for them. */
export function compilingIn({ phase, compiled = 0, kernels = 0 }: Progress): Compiling | undefined {
  return phase === 'compiling' ? { compiled, kernels } : undefined;
}

/** Tells of kernels that compile, and of nothing else. */
export function tellCompiling(progress: Progress, tell: (news: CompilingNews) => void): void {
  const compiling = compilingIn(progress);
  if (compiling) tell({ compiling });
}
