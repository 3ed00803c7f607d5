import type { Gpu } from '../../runtime/gpu.ts';
import { inTime } from '../../runtime/in-time.ts';
import type { Logs } from '../execution/logs.ts';
import type { MaybePromise } from './callbacks/callback.ts';
import type { Run } from './engine/run.ts';
import { REPORT_INTERVAL, type Pace, type Position, type Progress } from './progress.ts';

/** Reports the progress of a run. @param logs the means of each of its models; absent while its kernels compile */
export type Reporter = (pace: Pace, logs?: readonly Logs[]) => MaybePromise;

/** Reports the progress of a run of one model, if somebody listens. */
export function reporterOf(run: Run, onProgress?: (progress: Progress) => MaybePromise): Reporter | undefined {
  return onProgress && ((pace, logs = []) => run.call(() => onProgress({ ...pace, ...logs[0] })));
}

interface CompilingOptions {
  gpu: Gpu;
  /** The runs that wait; runs that their callbacks begin meanwhile wait as well. */
  runs: readonly Run[];
  /** Where the run is going to begin. */
  position: Pick<Position, 'epoch' | 'epochs' | 'batches'>;
  report?: Reporter;
}

/**
 * Waits for the programs of a run, whose kernels have to compile, and on a GPU to be tuned, and reports meanwhile how many have
 * compiled: at once, and then at the interval of progress.
 *
 * @returns what `programs` resolves to
 */
export async function whileCompiling<T>(
  programs: Promise<T>,
  { gpu, runs, position, report }: CompilingOptions,
): Promise<T> {
  if (!report) return programs;
  for (const run of runs) run.beforeNested = () => programs;
  const { pipelines } = gpu;
  const before = pipelines.ended;
  let areReady = false;
  const note = () => (areReady = true);
  const ended = programs.then(note, note);
  try {
    while (!areReady) {
      for (const run of runs) run.throwIfAborted();
      const [compiled, kernels] = [pipelines.ended - before, pipelines.begun - before];
      await report({ phase: 'compiling', compiled, kernels, batch: 0, ...position });
      await inTime(ended, REPORT_INTERVAL);
    }
  } finally {
    // An error of a report ends the run, but not before the programs are there, since the end of the run releases them.
    await ended;
  }
  return programs;
}
