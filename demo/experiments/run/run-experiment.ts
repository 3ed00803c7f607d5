import type { EpochResult, Experiment, Progress, Result } from '../experiment.ts';
import { RemainingTime } from '../remaining-time.ts';
import { judge, type Judgement, sentence, verdict } from '../judging/verdict.ts';
import type { Context } from './context.ts';
import { runs } from './runs.ts';

/** How to run an experiment. Progress comes, from the second report on, with an estimate of the time that remains. */
export interface RunOptions extends Omit<Context, 'onProgress'> {
  onProgress(progress: Progress & { remainingSeconds?: number }): void;
}

/**
 * Runs one variant of an experiment, by the clock, and judges what came out. A run that throws has failed.
 *
 * @param run the code of the experiment, if not the one that belongs to it
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
  run = runs[experiment.id],
): Promise<Result> {
  const { variant: id, seed, signal } = options;
  const variant = experiment.variants.find((known) => known.id === id);
  if (!variant) throw new RangeError(`${experiment.id}: there is no variant ${id}.`);

  const started = performance.now();
  const elapsedSeconds = (): number => (performance.now() - started) / 1000;
  const heard: EpochResult[] = [];
  const remaining = new RemainingTime();
  const context: Context = {
    ...options,
    onEpoch(result) {
      heard.push(result);
      options.onEpoch(result);
    },
    onProgress(progress) {
      // Compiling is no work that is done at the speed of training.
      if (progress.compiling) return options.onProgress(progress);
      const remainingSeconds = remaining.measure(progress.fraction, elapsedSeconds());
      options.onProgress({ ...progress, remainingSeconds });
    },
  };

  const record = (epochs: EpochResult[], updates: number, judgement: Judgement): Result => ({
    id: experiment.id,
    variant: id,
    seed,
    epochs,
    updates,
    seconds: elapsedSeconds(),
    expected: { post: experiment.post, bound: variant.bound },
    verdict: verdict(judgement),
    sentence: sentence(judgement, experiment, epochs, id),
  });
  try {
    const { epochs, updates, facts = [] } = await run(context);
    const claims = epochs.length > 0 ? (experiment.claims?.(epochs, id) ?? []) : [];
    const length = { fullLength: experiment.defaultEpochs, stopped: signal.aborted };
    return record(epochs, updates, judge(epochs, [...facts, ...claims], length));
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return record(heard, 0, { word: 'fail', reason });
  }
}
