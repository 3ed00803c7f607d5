import { experiments, type EpochResult, type Progress, type Result } from '../../experiments/index.ts';
import { runExperiment } from '../../experiments/run/index.ts';
import type { JobContext } from './job-context.ts';

/** One variant of one experiment. */
interface Options {
  id: string;
  variant: string | null;
  seed: number;
  epochs: number;
}

/** The news of a run: each epoch once it is over, and how far the run is. */
export type ExperimentNews = { epoch: EpochResult } | { progress: Progress };

/** A screen shows no more than this many changes. */
const NEWS_A_SECOND = 30;

/** Runs an experiment of the post and tells how it goes. Where it is stopped, the result has the epochs done until then. */
export function experiment(
  { gpu, signal, tell }: JobContext<ExperimentNews>,
  { id, ...settings }: Options,
): Promise<Result> {
  const wanted = experiments.find((known) => known.id === id);
  if (!wanted) throw new RangeError(`There is no experiment ${id}.`);
  let told = -Infinity;
  return runExperiment(wanted, {
    gpu,
    signal,
    ...settings,
    onEpoch: (epoch) => tell({ epoch }),
    onProgress(progress) {
      const now = performance.now();
      if (now - told < 1000 / NEWS_A_SECOND) return;
      told = now;
      tell({ progress });
    },
  });
}
