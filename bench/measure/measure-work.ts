import type { Contender, Task } from '../contenders/contender.ts';
import { type Inputs, makeInputs } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { firstRow } from '../contenders/plain/first-row.ts';
import { agreement } from './agreement.ts';
import type { Outcome, Timing } from './outcome.ts';
import { rounds, sampleCount } from './rounds.ts';
import { summarize } from './statistics.ts';
import { timed, warmUp } from './warm-up.ts';
import { withinTime } from './within-time.ts';

/** Pieces of work before results are compared: the first, and two more which continue from it. */
const COMPARED_AFTER = [1, 2];

/** Between two samples, so that threads of the one do not run into the time of the next. */
const PAUSE_MS = 20;

/** A library whose threads died does not fail: it never answers. */
const PATIENCE_MS = 300_000;

/** What is told while a work is measured. */
export interface Listener {
  /** What goes on, in a word or two. */
  onPhase(phase: string): void;
  onProgress(progress: { fraction: number; remainingSeconds: number }): void;
}

interface Runner<I extends string> extends Pick<Timing, 'firstCall' | 'agreement' | 'times' | 'samples'> {
  contender: Contender<I>;
  task: Task;
  /** How long a sample takes, in milliseconds. */
  sample: number;
  /** Why no more samples are taken. */
  failure?: string;
}

/**
 * Times a work with each contender in turn, sample by sample. What fails is told in its outcome.
 *
 * @param contenders the first of them is whose results the others are compared with; of a large work it is a plain loop
 * @param samples how many to take of each; fewer of those slower than two seconds a sample
 * @param leastWarmUpMs how long each is warmed up at the least
 */
export async function measureWork<I extends string>(
  work: Work,
  contenders: readonly Contender<I>[],
  samples: number,
  seed: number,
  listener: Listener,
  leastWarmUpMs = 0,
): Promise<Outcome<I>[]> {
  const inputs = makeInputs(work, seed);
  const runners: Runner<I>[] = [];
  const failures: Outcome<I>[] = [];
  let expected = work.isLarge && work.kind === 'infer' ? [firstRow(work, inputs)] : undefined;
  try {
    for (const contender of contenders.filter((candidate) => candidate.can(work))) {
      listener.onPhase(`warming up ${contender.id}`);
      try {
        const started = await withinTime(start(contender, work, inputs, leastWarmUpMs, expected), PATIENCE_MS);
        if (!work.isLarge) expected ??= started.result;
        runners.push(started.runner);
      } catch (error) {
        failures.push({ contender: contender.id, failure: (error as Error).message });
      }
    }
    await takeSamples(runners, samples, listener);
  } finally {
    for (const { task } of runners) task.dispose();
  }
  return [...runners.map(outcome), ...failures];
}

async function start<I extends string>(
  contender: Contender<I>,
  work: Work,
  inputs: Inputs,
  leastWarmUpMs: number,
  expected?: Float32Array[],
) {
  let task: Task | undefined;
  const firstCall = await timed(async () => {
    task = await contender.prepare(work, inputs);
    await task.run(COMPARED_AFTER[0]);
  });
  await task!.run(COMPARED_AFTER[1]);
  const result = (await task!.result()).map((numbers) => numbers.slice());
  const before = inputs.weights.map(({ data }) => data);
  // Of a large work only the first row is known, or nothing.
  const known = work.isLarge ? result.map((numbers, n) => numbers.subarray(0, expected?.[n].length)) : result;
  const compared = work.isLarge && !expected ? undefined : agreement(work, known, expected ?? result, before);
  const pieces = { ...task!, run: (times: number) => task!.run(times * (work.updates ?? 1)) };
  const runner: Runner<I> = {
    contender,
    task: pieces,
    firstCall,
    agreement: compared,
    samples: [],
    ...(await warmUp(pieces, leastWarmUpMs)),
  };
  return { runner, result };
}

async function takeSamples(runners: readonly Runner<string>[], wanted: number, listener: Listener): Promise<void> {
  const plan = rounds(runners.map(({ sample }) => sampleCount(wanted, sample)));
  const cost = (place: number) => runners[place].sample + PAUSE_MS;
  const total = plan.flat().reduce((sum, place) => sum + cost(place), 0);
  let done = 0;
  listener.onPhase('measuring');
  for (const round of plan) {
    for (const place of round) {
      await takeSample(runners[place]);
      done += cost(place);
      listener.onProgress({ fraction: done / total, remainingSeconds: (total - done) / 1000 });
    }
  }
}

async function takeSample(runner: Runner<string>): Promise<void> {
  if (runner.failure !== undefined) return;
  const { task, times, samples } = runner;
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  try {
    samples.push((await timed(() => withinTime(task.run(times), PATIENCE_MS))) / times);
  } catch (error) {
    runner.failure = (error as Error).message;
  }
}

function outcome<I extends string>(runner: Runner<I>): Outcome<I> {
  const { contender, samples, times, firstCall, agreement, failure } = runner;
  if (failure !== undefined) return { contender: contender.id, failure };
  return { contender: contender.id, ...summarize(samples), samples, times, firstCall, agreement };
}
