import { DEFAULT_SEED } from '../../experiments/data/sequences.ts';
import {
  type EpochResult,
  type Experiment,
  experiments,
  type Progress,
  type Variant,
} from '../../experiments/index.ts';
import { LARGEST_SEED } from '../../experiments/data/random.ts';
import { counted } from '../../experiments/words.ts';
import type { Notation } from '../../page/address.ts';

/** One variant of one experiment, as it is to be run. */
export interface Run {
  experiment: Experiment;
  variant: Variant;
  epochs: number;
}

export interface Settings {
  seed: number;
  /** 0 for as many as the post. */
  epochs: number;
}

export const FIRST_SETTINGS: Settings = { seed: DEFAULT_SEED, epochs: 0 };

export const MOST_EPOCHS = 1000;

/** The settings in the address: `7.3` for seed 7 and 3 epochs. */
export const settingsNotation: Notation<Settings> = {
  read(text) {
    const numbers = /^(\d{1,10})\.(\d{1,4})$/.exec(text);
    if (!numbers) return undefined;
    const [seed, epochs] = numbers.slice(1).map(Number);
    return seed <= LARGEST_SEED && epochs <= MOST_EPOCHS ? { seed, epochs } : undefined;
  },
  write: ({ seed, epochs }) => `${seed}.${epochs}`,
};

export function areSame(a: Settings, b: Settings): boolean {
  return a.seed === b.seed && a.epochs === b.epochs;
}

/** Says of what is shown beside other settings with which ones it was trained. */
export function settingsWords({ seed, epochs }: Settings): string {
  const length = epochs === 0 ? 'as many epochs as the post' : counted(epochs, 'epoch');
  return `What is shown here was trained with seed ${seed}, for ${length}. The next run clears it.`;
}

/** The runs of an experiment, one for each of its variants. */
export function runsOf(experiment: Experiment, { epochs }: Settings): Run[] {
  const { variants, defaultEpochs } = experiment;
  return variants.map((variant) => ({ experiment, variant, epochs: defaultEpochs && (epochs || defaultEpochs) }));
}

/** Identifies a run among all. */
export function runId({ id, variant }: { id: string; variant: string | null }): string {
  return variant === null ? id : `${id} ${variant}`;
}

/** To how many epochs the axes of all charts run, so that the charts can be compared. */
export function epochsOfAxes({ epochs }: Settings): number {
  return epochs || Math.max(...experiments.map(({ defaultEpochs }) => defaultEpochs));
}

/** The accuracy of a run so far, over its epochs and their fractions. */
export class AccuracyOfRun {
  readonly train: { x: number[]; y: number[] } = { x: [], y: [] };
  readonly test: { x: number[]; y: number[] } = { x: [], y: [] };

  progress({ fraction, epoch, epochs, accuracy }: Progress): void {
    const x = fraction * epochs;
    // Means over the first few batches of an epoch are mere noise.
    if (accuracy !== undefined && x - epoch >= 0.03) this.#trained(x, accuracy);
  }

  epoch({ accuracy, testAccuracy }: EpochResult): void {
    const x = this.test.x.length + 1;
    this.#trained(x, accuracy);
    this.test.x.push(x);
    this.test.y.push(testAccuracy);
  }

  #trained(x: number, accuracy: number): void {
    // The end of an epoch comes twice: as progress, and with the figures of the test half.
    if (this.train.x.at(-1) === x) return;
    this.train.x.push(x);
    this.train.y.push(accuracy);
  }
}
