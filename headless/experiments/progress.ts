import type { Compiling, EpochResult, Result } from '../../demo/experiments/index.ts';
import type { RunOptions } from '../../demo/experiments/run/index.ts';
import { figure, time, verdictWord } from '../../demo/experiments/words.ts';
import type { Run } from './options.ts';
import { isWide, startBar } from '../progress-bar.ts';

type Progress = Parameters<RunOptions['onProgress']>[0];

/** Shows on stderr how a run goes. */
export interface ProgressDisplay {
  progress(progress: Progress): void;
  epoch(index: number, result: EpochResult): void;
  end(result: Result): void;
  /** Leaves the terminal as it was, without an end. */
  abandon(): void;
}

/** Until the first progress: data and network are made. Experiments that train batch by batch compile kernels, too. */
const PREPARING = 'preparing …';

/** A bar where someone watches, and otherwise a line for each epoch. */
export function showProgress(run: Run, label: string): ProgressDisplay {
  return process.stderr.isTTY ? bar(label) : lines(run, label);
}

function bar(label: string): ProgressDisplay {
  const bar = startBar(label, PREPARING);
  return {
    progress(progress) {
      const { epoch, epochs, compiling, remainingSeconds } = progress;
      const left = remainingSeconds === undefined ? '' : `${time(remainingSeconds)} left`;
      const work = compiling ? compilingWords(compiling) : `epoch ${epoch + 1}/${epochs}`;
      const details = [work, left.padEnd(13), ...(isWide() ? [figures(progress)] : [])];
      bar.update(Math.floor(100 * progress.fraction), { details: details.join('  ') });
    },
    epoch() {},
    end({ verdict, seconds }) {
      bar.update(100, { details: `${time(seconds)}  ${verdictWord({ verdict })}` });
      bar.stop();
    },
    abandon: () => bar.stop(),
  };
}

function lines(run: Run, label: string): ProgressDisplay {
  const say = (text: string): void => console.error(`${label}  ${text}`);
  say(PREPARING);
  let left = '';
  let isCompiling = false;
  return {
    progress({ compiling, remainingSeconds }) {
      if (compiling && !isCompiling) say('compiling kernels …');
      isCompiling = compiling !== undefined;
      left = remainingSeconds === undefined ? '' : `, ${time(remainingSeconds)} left`;
    },
    epoch(index, result) {
      const test = `test loss ${figure(result.testLoss)}, accuracy ${figure(result.testAccuracy)}`;
      say(`epoch ${index + 1}/${run.epochs}: ${figures(result)}, ${test}${left}`);
    },
    end: ({ verdict, seconds }) => say(`${verdictWord({ verdict })} in ${time(seconds)}`),
    abandon() {},
  };
}

function figures({ loss, accuracy }: { loss?: number; accuracy?: number }): string {
  return loss === undefined || accuracy === undefined ? '' : `loss ${figure(loss)}, accuracy ${figure(accuracy)}`;
}

function compilingWords({ compiled, kernels }: Compiling): string {
  return kernels === 0 ? PREPARING : `compiling ${compiled}/${kernels}`;
}
