import type { Progress } from '../../../src/index.ts';
import type { Compiling } from '../../experiments/experiment.ts';
import { compilingIn } from '../../experiments/run/compiling.ts';

export interface CompilingNews {
  /** Told while training waits for kernels. */
  compiling?: Compiling;
}

/** Tells of kernels that compile, and of nothing else. */
export function tellCompiling(progress: Progress, tell: (news: CompilingNews) => void): void {
  const compiling = compilingIn(progress);
  if (compiling) tell({ compiling });
}
