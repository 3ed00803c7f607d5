import type { SingleBar } from 'cli-progress';
import { time } from '../../demo/experiments/words.ts';
import { numbered, startBar } from '../../headless/progress-bar.ts';
import type { BenchListener } from '../bench.ts';
import { parts, type Parts } from '../works/parts.ts';

export interface ProgressDisplay extends BenchListener {
  /** Leaves the terminal as it was. */
  end(): void;
}

const LINE_EVERY_MS = 30_000;

/** Shows on stderr how the bench goes: a bar a work where someone watches, and otherwise a line. */
export function showProgress(all: Parts): ProgressDisplay {
  const names = parts(all);
  const label = (name: string) => numbered(names, names.indexOf(name));
  return process.stderr.isTTY ? bars(label) : lines(label);
}

function bars(label: (name: string) => string): ProgressDisplay {
  let bar: SingleBar | undefined;
  const end = () => bar?.stop();
  return {
    onPart(name) {
      end();
      bar = startBar(label(name));
    },
    onPhase: (phase) => bar?.update(0, { details: phase }),
    onProgress({ fraction, remainingSeconds }) {
      bar?.update(Math.floor(100 * fraction), { details: `${time(remainingSeconds)} left` });
    },
    end,
  };
}

function lines(label: (name: string) => string): ProgressDisplay {
  let start = '';
  let next = 0;
  return {
    onPart(name) {
      start = label(name);
      next = 0;
    },
    onPhase: (phase) => console.error(`${start}  ${phase}`),
    onProgress({ remainingSeconds }) {
      if (Date.now() < next) return;
      console.error(`${start}  ${time(remainingSeconds)} left`);
      next = Date.now() + LINE_EVERY_MS;
    },
    end() {},
  };
}
