import { RemainingTime } from '../../experiments/remaining-time.ts';
import { time } from '../../experiments/words.ts';
import type { Progress, Result } from '../../experiments/index.ts';
import { isBusy } from '../../training/client.ts';
import type { Bar } from './bar.ts';
import type { Card } from './card.ts';
import type { Run } from './data.ts';
import type { News } from '../../training/jobs/experiment.ts';
import type { Source } from './source.ts';
import { WorkClock } from './work-clock.ts';
import { doing, nameOf } from './words.ts';

/** A run and the card that shows it. */
export interface Task {
  run: Run;
  card: Card;
}

/**
 * Does one run after the other, until one is stopped or cannot run, and tells the bar how far all of them are.
 *
 * @param onResult hears of each result
 */
export async function runTasks(
  tasks: readonly Task[],
  { source, seed, bar, signal }: { source: Source; seed: number; bar: Bar; signal: AbortSignal },
  onResult: (result: Result) => void,
): Promise<void> {
  const costs = tasks.map(({ run }) => source.costOf(run));
  const whole = costs.reduce((sum, cost) => sum + cost, 0);
  const remaining = new RemainingTime();
  // Time that passes while kernels compile tells nothing of what remains, since later runs have them already.
  const clock = new WorkClock();
  let done = 0;
  for (const [index, { run, card }] of tasks.entries()) {
    if (signal.aborted) return;
    const of = tasks.length === 1 ? '' : `${index + 1} of ${tasks.length}: `;
    const show = (how: string[], fraction: number): void =>
      bar.show(of + nameOf(run), how, (done + fraction * costs[index]) / whole);
    const hearProgress = (progress: Progress): void => {
      const how = [doing(progress)];
      if (progress.compiling) clock.stop();
      else if (source.isTimed) {
        const left = remaining.measure((done + progress.fraction * costs[index]) / whole, clock.run());
        if (left !== undefined) how.push(`${time(left)} left`);
      }
      show(how, progress.fraction);
    };

    clock.stop();
    show([isBusy() ? 'waiting for another training' : 'preparing'], 0);
    const lane = card.begin(run.variant.id);
    const hear = (news: News): void => {
      if ('epoch' in news) lane.accuracy.epoch(news.epoch);
      else {
        lane.accuracy.progress(news.progress);
        hearProgress(news.progress);
      }
      card.update();
    };
    try {
      const result = await source.start(run, seed, { signal, hear });
      if (!result) return;
      lane.end(result, source.remark(result));
      onResult(result);
    } catch (error) {
      lane.fail((error as Error).message);
      return;
    }
    done += costs[index];
  }
}
