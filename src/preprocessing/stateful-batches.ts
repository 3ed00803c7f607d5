import { ShapeError } from '../runtime/errors.ts';
import { isList, knownOptions, positiveInteger, show } from '../runtime/options.ts';
import { shapeText, type Shape } from '../runtime/shape.ts';
import {
  readNumbers,
  readSeries,
  unrounded,
  type NumberInput,
  type Numbers,
  type Series,
  type UnroundedArray,
} from './numbers.ts';

export interface StatefulBatchesOptions {
  /** Rows of a batch, which go on side by side: the `batchSize` of the model. */
  batchSize: number;
  /** Steps of a row in one batch, through which gradients flow back; the state goes on beyond. */
  timesteps: number;
  /**
   * The targets of each sequence: one for each of its steps, [steps] or [steps, outputs], or one number for all of them.
   * Default: the next step of the sequence, so that its last step is a target alone.
   */
  targets?: readonly (NumberInput | number)[] | NumberInput;
}

/** Samples for `model.fit(x, y, { batchSize, resetStates, lengths })` of a stateful model with that `batchSize`. */
export interface StatefulBatches {
  /** [samples, timesteps, features], or [samples, timesteps] where sequences are lists of numbers. */
  x: UnroundedArray;
  /** [samples, timesteps, outputs], or [samples, timesteps] where targets are numbers: a target for each step. */
  y: UnroundedArray;
  /** Rows of a batch, in the order of which the samples are; `fit` refuses it if the model keeps fewer states. */
  batchSize: number;
  /** [samples], 1 for each with which a sequence begins: `fit` resets the state of its row before it. */
  resetStates: Uint8Array<ArrayBuffer>;
  /** [samples], how many steps of each count. Absent if all do. */
  lengths?: Uint32Array<ArrayBuffer>;
}

/**
 * Cuts sequences into windows for a stateful model, and puts these into the order in which it continues them: row i of
 * every batch goes on where row i of the batch before has ended, so sample k · batchSize + i is followed by sample
 * (k + 1) · batchSize + i. A mask tells `fit` where a sequence begins.
 *
 * With at least as many sequences as rows each sequence stays whole, in one row: the one that has the fewest windows so far.
 * What does not fill a window, or a row, is padding, of which `lengths` tells. With fewer sequences than rows they are cut
 * into batchSize parts of the same number of windows, and each part starts from zero; steps at the end of a sequence that fill
 * no window are left out, and so are the last windows if they cannot be divided evenly.
 *
 * No number is rounded, so that `standardize` may come before or after, where no step is padding.
 *
 * ```js
 * const { x, y, ...order } = statefulBatches(sequences, { batchSize: 8, timesteps: 50 });
 * await model.fit(x, y, { ...order, epochs: 10 });
 * ```
 *
 * @param sequences a list of series, [steps, features] each, or [steps] for one feature
 * @throws ShapeError if a sequence is too short or does not fit the others; ValueError
 */
export function statefulBatches(
  sequences: readonly NumberInput[] | NumberInput,
  options: StatefulBatchesOptions,
): StatefulBatches {
  const where = 'statefulBatches';
  knownOptions(where, options, ['batchSize', 'timesteps', 'targets']);
  const batchSize = positiveInteger(where, 'batchSize', options.batchSize);
  const timesteps = positiveInteger(where, 'timesteps', options.timesteps);
  const inputs = readSequences(`${where}: sequences`, sequences);
  const pairs = options.targets === undefined ? inputs.map(withNextSteps) : withTargets(inputs, options.targets);
  const rows =
    pairs.length < batchSize ? cutIntoRows(pairs, batchSize, timesteps) : dealToRows(pairs, batchSize, timesteps);

  const samples = batchSize * Math.max(...rows.map((row) => row.length));
  const resetStates = new Uint8Array(samples);
  const lengths = new Uint32Array(samples);
  const x = emptySamples(samples, timesteps, pairs[0].x);
  const y = emptySamples(samples, timesteps, pairs[0].y);
  for (const [row, windows] of rows.entries()) {
    for (const [batch, window] of windows.entries()) {
      const sample = batch * batchSize + row;
      resetStates[sample] = window.isFirst ? 1 : 0;
      lengths[sample] = window.steps;
      copySteps(x, sample, window.pair.x, window);
      copySteps(y, sample, window.pair.y, window);
    }
  }
  const isFull = lengths.every((steps) => steps === timesteps);
  return { x: unrounded(x), y: unrounded(y), batchSize, resetStates, ...(!isFull && { lengths }) };
}

/** A sequence and its targets, step by step. */
interface Pair {
  x: Series;
  y: Series;
  steps: number;
}

/** Some steps of a sequence that are one row of one batch. */
interface SequenceWindow {
  pair: Pair;
  first: number;
  steps: number;
  /** Whether its state starts from zero. */
  isFirst: boolean;
}

/** @throws ShapeError, ValueError */
function readSequences(where: string, value: unknown): Series[] {
  const list = listOf(where, value);
  const series = list.map((item, index) => readSeries(`${where}[${index}]`, item));
  const other = series.findIndex(({ stepShape }) => String(stepShape) !== String(series[0].stepShape));
  if (other >= 0) {
    const shapeOf = ({ steps, stepShape }: Series) => shapeText([steps, ...stepShape]);
    throw new ShapeError(
      `${where}[${other}] has shape ${shapeOf(series[other])}, and the first one ${shapeOf(series[0])}. Give all of them ` +
        `the same features.`,
    );
  }
  return series;
}

/** The entries of a list, or of numbers of shape [sequences, steps, features]. @throws ShapeError */
function listOf(where: string, value: unknown): unknown[] {
  if (Array.isArray(value) && value.length > 0 && !isNumber(value[0])) return value;
  if (isList(value) && value.length === 0) {
    throw new ShapeError(`${where} is ${show(value)}, expected at least one sequence.`);
  }
  const isShaped = typeof value === 'object' && value !== null && 'shape' in value;
  const numbers = isShaped ? readNumbers(where, value) : undefined;
  // A shape of two dimensions could be that of a single sequence, [steps, features].
  if (!numbers || numbers.shape.length !== 3 || numbers.data.length === 0) {
    const given = numbers ? `has shape ${shapeText(numbers.shape)}` : `is ${show(value)}`;
    throw new ShapeError(
      `${where} ${given}, expected a list of sequences, each [steps] or [steps, features], or the shape [sequences, steps, ` +
        `features]. Put a single one into a list: [sequence].`,
    );
  }
  const [count, ...shape] = numbers.shape;
  const size = numbers.data.length / count;
  return Array.from({ length: count }, (_, index) => ({
    data: numbers.data.subarray(index * size, (index + 1) * size),
    shape,
  }));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** @throws ShapeError if the sequence has no next step */
function withNextSteps(x: Series, index: number): Pair {
  if (x.steps === 1) {
    throw new ShapeError(
      `statefulBatches: sequences[${index}] has 1 step, expected at least 2: a step, and the next one as its target. ` +
        `Leave it out, or give targets.`,
    );
  }
  return { x, y: { ...x, data: x.data.subarray(x.features) }, steps: x.steps - 1 };
}

/** @throws ShapeError, ValueError */
function withTargets(inputs: readonly Series[], targets: unknown): Pair[] {
  const where = 'statefulBatches: targets';
  const list: unknown[] = isList(targets) ? Array.from(targets) : listOf(where, targets);
  if (list.length !== inputs.length) {
    throw new ShapeError(
      `${where} has ${list.length} entries, expected ${inputs.length}, as many as there are sequences. Give each its targets.`,
    );
  }
  const series = readSequences(
    where,
    list.map((item, index) => (isNumber(item) ? Array.from({ length: inputs[index].steps }, () => item) : item)),
  );
  const other = series.findIndex(({ steps }, index) => steps !== inputs[index].steps);
  if (other >= 0) {
    throw new ShapeError(
      `${where}[${other}] has ${series[other].steps} steps, expected ${inputs[other].steps}, as many as its sequence. Give ` +
        `one for each step, or one number for all.`,
    );
  }
  return inputs.map((x, index) => ({ x, y: series[index], steps: x.steps }));
}

/** The windows of each row, where there are at least as many sequences as rows. */
function dealToRows(pairs: readonly Pair[], batchSize: number, timesteps: number): SequenceWindow[][] {
  const rows = Array.from({ length: batchSize }, (): SequenceWindow[] => []);
  for (const pair of pairs) {
    const shortest = rows.reduce((best, row) => (row.length < best.length ? row : best));
    for (let first = 0; first < pair.steps; first += timesteps) {
      shortest.push({ pair, first, steps: Math.min(timesteps, pair.steps - first), isFirst: first === 0 });
    }
  }
  return rows;
}

/** The windows of each row, where there are fewer sequences than rows. @throws ShapeError if there are fewer windows, too */
function cutIntoRows(pairs: readonly Pair[], batchSize: number, timesteps: number): SequenceWindow[][] {
  const windows = pairs.flatMap((pair) =>
    Array.from({ length: Math.floor(pair.steps / timesteps) }, (_, index) => ({
      pair,
      first: index * timesteps,
      steps: timesteps,
      isFirst: index === 0,
    })),
  );
  const each = Math.floor(windows.length / batchSize);
  if (each === 0) {
    throw new ShapeError(
      `statefulBatches: the sequences hold ${windows.length} windows of ${timesteps} timesteps, fewer than the ` +
        `${batchSize} rows of a batch. Give longer or more sequences, or a smaller batchSize or timesteps.`,
    );
  }
  return Array.from({ length: batchSize }, (_, row) =>
    windows
      .slice(row * each, (row + 1) * each)
      .map((window, index) => (index === 0 ? { ...window, isFirst: true } : window)),
  );
}

function emptySamples(samples: number, timesteps: number, { features, stepShape }: Series): Numbers {
  const shape: Shape = [samples, timesteps, ...stepShape];
  return { data: new Float64Array(samples * timesteps * features), shape };
}

/** Writes the steps of a window into a sample, whose other steps stay 0. */
function copySteps({ data, shape }: Numbers, sample: number, series: Series, { first, steps }: SequenceWindow): void {
  const { features } = series;
  data.set(series.data.subarray(first * features, (first + steps) * features), sample * shape[1] * features);
}
