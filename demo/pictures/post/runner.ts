import type { Result } from '../../experiments/index.ts';
import type { Bar } from './bar.ts';
import type { Card } from './cards/card.ts';
import type { Run } from './data.ts';
import type { ExperimentNews } from '../../training/jobs/experiment.ts';
import type { Source } from './sources/source.ts';
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
  let done = 0;
  for (const [index, { run, card }] of tasks.entries()) {
    if (signal.aborted) return;
    const place = tasks.length === 1 ? '' : `${index + 1} of ${tasks.length}: `;
    const share = (fraction: number): number => (done + fraction * costs[index]) / whole;
    bar.prepare(place + nameOf(run), share(0));
    const lane = card.begin(run.variant.id);
    const hear = (news: ExperimentNews): void => {
      if ('epoch' in news) lane.accuracy.epoch(news.epoch);
      else {
        lane.accuracy.progress(news.progress);
        const { fraction, compiling } = news.progress;
        bar.show({ doing: doing(news.progress), fraction: share(fraction), compiling });
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
