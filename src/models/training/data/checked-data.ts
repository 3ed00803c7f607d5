import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { positiveInteger, show } from '../../../runtime/options.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { namesOf, type Channels } from '../../execution/channels.ts';
import type { Compiled } from '../../execution/compiled.ts';
import type { Mode, ProgramKey } from '../../execution/program.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { ArrayInput } from '../../network/arrays.ts';
import { FINITE_NUMBERS, PADDED_NUMBERS } from '../../network/float32.ts';
import type { Network } from '../../network/network.ts';
import type { Loss } from '../../network/objective/losses.ts';
import { toTargets, type SampleCount } from '../../network/samples.ts';
import { Dataset } from './dataset.ts';
import { maskOfLengths, toLengths, type Lengths } from './lengths.ts';
import { toInitialStates, type InitialState } from './initial-states.ts';
import { toClassWeights, toSampleWeights, type ClassWeight } from './sample-weights.ts';
import { checkTargets, targetHint } from './targets.ts';

/** Options that describe samples: their lengths, their weights in the loss, and their initial states. */
export interface SampleOptions {
  /**
   * How many steps of each sample count; the rest is padding on the right, which touches neither state nor loss. Default: all
   * steps, or those that each sequence of nested arrays x was given with; more than these are refused.
   */
  lengths?: Lengths;
  /**
   * One number a sample, [samples], or one a step of its output, [samples, timesteps]. A negative one moves the output away
   * from its target, as policy gradients do. Default: all weigh 1.
   */
  sampleWeight?: ArrayInput;
  /** The weight of a sample by its class: `{ 0: 1, 1: 5 }`. Default: all weigh 1. */
  classWeight?: ClassWeight;
  /** The states that samples start from. Default: zero, or what a stateful layer has stored. */
  initialState?: InitialState;
}

/** Samples that fit the model: N of them, with the lengths of their sequences if these differ or are given. */
export interface CheckedSamples extends SampleCount {
  /** T, the number of their time steps. */
  steps: number;
  channels: Channels<NumberArray>;
}

/** Samples that fit the model, and the size of the batches that they are cut into. */
export interface CheckedData extends CheckedSamples {
  /** The batch size that was asked for. */
  batchSize: number;
  /** The rows of a batch: the batch size, but no more than there are samples. */
  rows: number;
}

/** The names of the arguments of a call, as error messages give them. */
interface ArgumentNames {
  x: string;
  y: string;
  sampleWeight: string;
  lengths: string;
}

const CALL_NAMES: ArgumentNames = { x: 'x', y: 'y', sampleWeight: 'sampleWeight', lengths: 'lengths' };

const VALIDATION_NAMES: ArgumentNames = {
  x: 'validationData[0]',
  y: 'validationData[1]',
  sampleWeight: 'validationData[2]',
  lengths: 'validationLengths',
};

/** A network and what `compile` added to it. */
export interface CompiledNetwork {
  network: Network;
  compiled: Compiled;
}

/** Validation data, as it is given. */
export type ValidationData = readonly [x: ArrayInput, y: ArrayInput, sampleWeight?: ArrayInput];

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkInputs(
  network: Network,
  where: string,
  input: ArrayInput,
  { lengths, initialState }: Pick<SampleOptions, 'lengths' | 'initialState'>,
  names = CALL_NAMES,
): CheckedSamples {
  const { lengths: own, ...x } = network.toSamples(
    `${where}: ${names.x}`,
    input,
    lengths === undefined ? FINITE_NUMBERS : PADDED_NUMBERS,
  );
  const [count, steps] = x.shape;
  const counted = lengths === undefined ? own : toLengths(`${where}: ${names.lengths}`, lengths, x.shape, own);
  // The first layer finds steps that were padded with its own value.
  const isFound = lengths === undefined && network.layers[0].paddingValue !== undefined;
  const which = lengths === undefined ? `${names.x}, whose sequences were padded,` : names.lengths;
  const mask = counted && !isFound ? maskOfLengths(`${where}: ${which}`, network, counted, x.shape) : undefined;
  const states =
    initialState === undefined ? {} : toInitialStates(`${where}: initialState`, network, initialState, count);
  return { count, steps, lengths: own ?? counted, channels: { x, mask, ...states } };
}

/**
 * Checks the batch size that was asked for, by default that of the model, and returns it with the rows of a batch, which are no
 * more than there are samples.
 *
 * @throws ValueError
 */
export function checkBatchSize(
  where: string,
  network: Network,
  given: number | undefined,
  samples: number,
): Pick<CheckedData, 'batchSize' | 'rows'> {
  const { batchSize: fallback = 32 } = network;
  const batchSize = positiveInteger(where, 'batchSize', given === undefined ? fallback : given);
  return { batchSize, rows: Math.min(batchSize, samples) };
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkData(
  { network, compiled }: CompiledNetwork,
  where: string,
  x: ArrayInput,
  y: ArrayInput,
  batchSize?: number,
  options: SampleOptions = {},
  names = CALL_NAMES,
): CheckedData {
  const inputs = checkInputs(network, where, x, options, names);
  const { steps } = inputs;
  const { loss, targetShape } = compiled;
  const output = network.outputSample(targetShape, steps);
  const targets = toTargets(`${where}: ${names.y}`, y, inputs, output, targetHint(loss));
  const classes = classesOf(loss, network.outputShape.at(-1)!);
  const weights = checkWeights(where, options, inputs, targets, classes, names.sampleWeight);
  const channels = { ...inputs.channels, y: targets, weights };
  checkTargets(`${where}: ${names.y}`, loss, network.outputShape.at(-1)!, channels);
  return { ...inputs, channels, ...checkBatchSize(where, network, batchSize, inputs.count) };
}

/** @throws ShapeError if a stateful model has fewer slots than a batch to train on has rows */
export function assertFits(where: string, network: Network, rows: number): void {
  const { batchSize } = network;
  if (network.hasSlotsFor(rows)) return;
  throw new ShapeError(
    `${where}: a batch of ${rows} rows, but this stateful model keeps ${batchSize} states, one a row. Train with a ` +
      `batch size of at most ${batchSize}, or build the model with batchSize: ${rows}.`,
  );
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkValidation(
  model: CompiledNetwork,
  where: string,
  given: ValidationData | undefined,
  batchSize: number | undefined,
  lengths?: Lengths,
): CheckedData | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length < 2 || given.length > 3) {
    throw new ShapeError(
      `${where}: validationData is ${show(given)}, expected samples and targets, [x, y], or [x, y, sampleWeight].`,
    );
  }
  const [x, y, sampleWeight] = given as unknown as ValidationData;
  return checkData(model, where, x, y, batchSize, { sampleWeight, lengths }, VALIDATION_NAMES);
}

/** @throws ShapeError, ValueError */
function checkWeights(
  where: string,
  { sampleWeight, classWeight }: SampleOptions,
  samples: SampleCount,
  y: NumberArray,
  classes: number | undefined,
  name: string,
): NumberArray | undefined {
  if (sampleWeight !== undefined && classWeight !== undefined) {
    throw new ValueError(`${where}: sampleWeight and classWeight are both given, expected one of them.`);
  }
  if (classWeight !== undefined) return toClassWeights(`${where}: classWeight`, classWeight, y, classes);
  if (sampleWeight === undefined) return undefined;
  return toSampleWeights(`${where}: ${name}`, sampleWeight, samples, y.shape.slice(1));
}

/** The key of the program for batches of this data. */
export function keyOf(
  where: string,
  mode: Mode,
  { rows, steps, channels }: Pick<CheckedData, 'rows' | 'steps' | 'channels'>,
  compiled?: Compiled,
): ProgramKey {
  return { where, mode, rows, steps, channels: namesOf(channels), compiled };
}

/** Uploads checked data. @throws LimitError if there is no room for all of it; then nothing stays on the GPU */
export function upload(gpu: Gpu, where: string, data: CheckedData): [Dataset];
export function upload(gpu: Gpu, where: string, data: CheckedData, more?: CheckedData): [Dataset, Dataset | undefined];
export function upload(gpu: Gpu, where: string, data: CheckedData, more?: CheckedData): [Dataset, Dataset?] {
  const dataset = Dataset.of(gpu, where, data);
  try {
    return [dataset, more && upload(gpu, `${where}: validationData`, more)[0]];
  } catch (error) {
    dataset.dispose();
    throw error;
  }
}

/** How many classes the targets of a model with so many outputs tell apart; `undefined` if they are any numbers. */
function classesOf(loss: Loss, outputs: number): number | undefined {
  if (outputs > 1) return outputs;
  return loss.name === 'binaryCrossentropy' ? 2 : undefined;
}
