import type { Result } from '../../../experiments/index.ts';
import type { JobListener } from '../../../training/client.ts';
import type { ExperimentNews } from '../../../training/jobs/experiment.ts';
import type { Run } from '../data.ts';

/** Where the curves come from: training in this browser, or a recording of it. */
export interface Source {
  /** The words on a button that starts one run, and on the one that starts all. */
  verbs: { one: string; all: string };
  isRecorded: boolean;
  /** How much of the time of all runs each takes, in any unit. */
  costOf(run: Run): number;
  /** The text behind a verdict: how long the run took, or that it was recorded. */
  remark(result: Result): string;
  /** @returns the result, or `undefined` if it was stopped before it had any */
  start(run: Run, seed: number, listener: JobListener<ExperimentNews>): Promise<Result | undefined>;
}
