import type { Gpu } from '../../../src/index.ts';
import type { Claim, EpochResult, Progress } from '../experiment.ts';

/** Where to run, what to run, and whom to tell. */
export interface Context {
  gpu: Gpu;
  variant: string | null;
  seed: number;
  epochs: number;
  /** Ends the run early; the epochs finished by then are its result. */
  signal: AbortSignal;
  onEpoch(result: EpochResult): void;
  onProgress(progress: Progress): void;
}

export interface Outcome {
  epochs: EpochResult[];
  /** Optimizer steps in these epochs. */
  updates: number;
  /** Claims of the run about other things than the figures of its epochs. */
  facts?: Claim[];
}

/** The code of one experiment. */
export type Run = (context: Context) => Promise<Outcome>;
