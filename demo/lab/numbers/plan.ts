import { counted } from '../../experiments/words.ts';

/** The reader's choices for a forecast. */
export interface ForecastSettings {
  /** Whether the network sees windows alone, or carries what it remembers from one to the next. */
  memory: 'stateless' | 'stateful';
  /** Steps in a window. */
  window: number;
  units: number;
  epochs: number;
  /** How many steps before the naive forecast looks: 1 says that nothing changes. */
  season: number;
}

/** How a series is cut up for training. */
export interface ForecastPlan {
  /** Values to learn from, the first ones. */
  training: number;
  /** Values to forecast, the last ones. */
  heldOut: number;
  /** Samples in a batch. */
  batchSize: number;
}

/** The seed of every forecast, so that a program finds what the page found. */
export const SEED = 1;

export const LEARNING_RATE = 0.01;

/** Values beyond this many make a run too long to watch. */
export const MOST_VALUES = 20_000;

/** The share of a series that is held out. */
const HELD_OUT = 0.2;

/** Samples in a batch of a stateless model. */
export const STATELESS_BATCH = 32;

/** The fewest windows that are worth training on. */
const FEWEST_WINDOWS = 8;

/** How to cut a series into what is learned from and what is forecast; a sentence where it is too short for that. */
export function planForecast(count: number, { memory, window, season }: ForecastSettings): ForecastPlan | string {
  if (count > MOST_VALUES) {
    const [all, most] = [count, MOST_VALUES].map((value) => value.toLocaleString('en'));
    return `This series has ${all} values. The lab takes up to ${most}, which is what can be learned while you watch.`;
  }
  const heldOut = Math.max(1, Math.floor(count * HELD_OUT));
  const training = count - heldOut;
  if (season > training) {
    if (count === 1) return 'This is a single value. A series has to be longer.';
    const there = `there ${training === 1 ? 'is' : 'are'} only ${counted(training, 'value')}`;
    return `The naive forecast looks ${season} steps back, and ${there} before those held out.`;
  }
  // The windows of a stateless model overlap. Those of a stateful one do not, and their last step needs a next one.
  const windows = memory === 'stateless' ? training - window : Math.floor((training - 1) / window);
  if (windows < FEWEST_WINDOWS) {
    const need = memory === 'stateless' ? window + FEWEST_WINDOWS : window * FEWEST_WINDOWS + 1;
    return (
      `A ${memory} network with a window of ${window} needs ${need} values to learn from, and this series leaves it ` +
      `${training}. Give a longer series, or a shorter window.`
    );
  }
  return { training, heldOut, batchSize: memory === 'stateless' ? STATELESS_BATCH : rowsFor(windows) };
}

/** Rows of a stateful batch: few enough that each goes on for several windows, since there is nothing to carry otherwise. */
function rowsFor(windows: number): number {
  return Math.max(1, Math.min(8, Math.floor(windows / FEWEST_WINDOWS)));
}

/** The naive forecast of the held-out values: each is what was there a season before. */
export function naiveForecast(series: readonly number[], { training }: ForecastPlan, season: number): number[] {
  return series.slice(training - season, series.length - season);
}
