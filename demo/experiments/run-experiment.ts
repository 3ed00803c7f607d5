import type { Context, EpochResult, Experiment, Progress, Result } from './experiment.ts';
import { verdict } from './verdict.ts';

/** A context whose progress comes, from the second report on, with an estimate of the time that remains. */
export interface Listener extends Omit<Context, 'onProgress'> {
  onProgress(progress: Progress & { remainingSeconds?: number }): void;
}

/** Runs one variant of an experiment, by the clock, and judges what came out. A run that throws has failed. */
export async function runExperiment(experiment: Experiment, listener: Listener): Promise<Result> {
  const { variant: id, seed, signal } = listener;
  const variant = experiment.variants.find((known) => known.id === id);
  if (!variant) throw new RangeError(`${experiment.id}: there is no variant ${id}.`);

  const started = performance.now();
  const elapsedSeconds = (): number => (performance.now() - started) / 1000;
  const heard: EpochResult[] = [];
  // Before the first report of work kernels compile, which says nothing about the speed of training.
  let first: { fraction: number; seconds: number } | undefined;
  const context: Context = {
    ...listener,
    onEpoch(result) {
      heard.push(result);
      listener.onEpoch(result);
    },
    onProgress(progress) {
      if (progress.compiling) return listener.onProgress(progress);
      const { fraction } = progress;
      first ??= { fraction, seconds: elapsedSeconds() };
      const done = fraction - first.fraction;
      const remainingSeconds = done > 0 ? ((elapsedSeconds() - first.seconds) * (1 - fraction)) / done : undefined;
      listener.onProgress({ ...progress, remainingSeconds });
    },
  };

  const record = (epochs: EpochResult[], updates: number, judgement: string): Result => ({
    id: experiment.id,
    variant: id,
    seed,
    epochs,
    updates,
    seconds: elapsedSeconds(),
    expected: { post: experiment.post, bound: variant.bound },
    verdict: judgement,
  });
  try {
    const { epochs, updates, facts = [] } = await experiment.run(context);
    const claims = epochs.length > 0 ? (experiment.claims?.(epochs, id) ?? []) : [];
    const length = { fullLength: experiment.defaultEpochs, stopped: signal.aborted };
    return record(epochs, updates, verdict(epochs, [...facts, ...claims], length));
  } catch (error) {
    return record(heard, 0, `fail: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
}
