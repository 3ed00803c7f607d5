import { experiments, type EpochResult, type Result } from '../../../experiments/index.ts';
import { pause } from '../../../page/motion.ts';
import { runId } from '../data.ts';
import type { Source } from './source.ts';
import { effort } from '../words.ts';

/** The recorded results as they lie in the file: the figures of an epoch are numbers in the order of `EpochResult`. */
export interface RecordedFile {
  /** The day on which they were recorded: 2026-11-29. */
  date: string;
  machine: string;
  command: string;
  seed: number;
  results: {
    id: string;
    variant: string | null;
    updates: number;
    seconds: number;
    verdict: string;
    sentence: string;
    epochs: number[][];
  }[];
}

export interface Recording extends Omit<RecordedFile, 'results'> {
  results: ReadonlyMap<string, Result>;
}

/** Makes results of a file again. */
export function readRecording({ results, ...about }: RecordedFile): Recording {
  const read = results.map(({ epochs, ...result }): [string, Result] => {
    const experiment = experiments.find(({ id }) => id === result.id)!;
    const { bound } = experiment.variants.find(({ id }) => id === result.variant)!;
    const expected = { post: experiment.post, bound };
    return [runId(result), { ...result, seed: about.seed, epochs: epochs.map(epochOf), expected }];
  });
  return { ...about, results: new Map(read) };
}

function epochOf([loss, accuracy, testLoss, testAccuracy]: number[]): EpochResult {
  return { loss, accuracy, testLoss, testAccuracy };
}

/** The figures of an epoch for the file, with as many digits as anything on the page shows. */
export function figuresOf({ loss, accuracy, testLoss, testAccuracy }: EpochResult): number[] {
  return [loss, accuracy, testLoss, testAccuracy].map((value) => Number(value.toPrecision(6)));
}

/** How long a recorded run plays. */
const PLAY_MS = 1500;

/**
 * Experiments as they were recorded.
 *
 * @param isStill whether curves are to stand there at once, for those who want no motion
 */
export function recorded({ results }: Recording, isStill: () => boolean): Source {
  return {
    verbs: { one: 'Play recording', all: 'Play all recordings' },
    isRecorded: true,
    costOf: () => 1,
    remark: (result) => (result.updates === 0 ? '' : `Recorded: ${effort(result)}`),
    async start({ experiment: { id }, variant }, _seed, { signal, hear }) {
      const result = results.get(runId({ id, variant: variant.id }))!;
      const { length } = result.epochs;
      for (const [epoch, figures] of result.epochs.entries()) {
        if (!isStill()) await pause(PLAY_MS / length);
        if (signal.aborted) return undefined;
        hear({ epoch: figures });
        hear({ progress: { fraction: (epoch + 1) / length, epoch, epochs: length } });
      }
      return result;
    },
  };
}
