import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { positiveInteger, show } from '../../../runtime/options.ts';
import { toTargets, type ArrayInput, type NumberArray } from '../../network/arrays.ts';
import { withSteps, type Network } from '../../network/network.ts';
import { Dataset, type SampleData, type SampleShapes } from './dataset.ts';
import { maskOfLengths, type Lengths } from './lengths.ts';
import { toInitialStates, type InitialState } from './initial-states.ts';
import { toClassWeights, toSampleWeights, type ClassWeight } from './sample-weights.ts';
import type { Engine } from '../engine/engine.ts';
import type { LayerState } from '../engine/states.ts';

/** What samples weigh, how long they are, and what they start from. */
export interface Weighting {
  /** How many steps of each sample count; the rest is padding on the right, which touches neither state nor loss. */
  lengths?: Lengths;
  /** One number a sample, [samples], or one a step of its output, [samples, timesteps]. Default: all weigh 1. */
  sampleWeight?: ArrayInput;
  /** The weight of a sample by its class: `{ 0: 1, 1: 5 }`. Default: all weigh 1. */
  classWeight?: ClassWeight;
  /** The states that samples start from. Default: zero, or what a stateful layer has stored. */
  initialState?: InitialState;
}

/** Samples that fit the model. */
export interface CheckedInputs {
  x: NumberArray;
  /** 1 for each step of each sample that counts; without it all do. */
  mask?: NumberArray;
  /** What each sample starts from. */
  states?: readonly LayerState[];
}

/** Samples and targets that fit the model, and the batch size to go through them with. */
export interface CheckedData extends CheckedInputs {
  y: NumberArray;
  /** Of each sample or each of its steps; without them all weigh 1. */
  weights?: NumberArray;
  /** 1 for each step before which states are reset. */
  resets?: NumberArray;
  /** The batch size that was asked for. */
  batchSize: number;
  /** Samples in a batch: no more than there are. */
  rows: number;
}

/** Validation data, as it is given. */
export type ValidationData = readonly [x: ArrayInput, y: ArrayInput, sampleWeight?: ArrayInput];

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkInputs(
  { network }: Engine,
  where: string,
  input: ArrayInput,
  { lengths, initialState }: Pick<Weighting, 'lengths' | 'initialState'>,
  { name = 'x', lengthsName = 'lengths' } = {},
): CheckedInputs {
  const x = network.toSamples(`${where}: ${name}`, input);
  return {
    x,
    mask: lengths === undefined ? undefined : maskOfLengths(`${where}: ${lengthsName}`, network, lengths, x),
    states:
      initialState === undefined
        ? undefined
        : toInitialStates(`${where}: initialState`, network, initialState, x.shape[0]),
  };
}

/**
 * The batch size that is asked for, by default that of the model, and the rows of a batch, no more than there are samples.
 *
 * @throws ValueError
 */
export function checkBatchSize(
  where: string,
  network: Network,
  given: number | undefined,
  samples: number,
): Pick<CheckedData, 'batchSize' | 'rows'> {
  const { batchSize: own = 32 } = network;
  const batchSize = positiveInteger(where, 'batchSize', given === undefined ? own : given);
  return { batchSize, rows: Math.min(batchSize, samples) };
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkData(
  engine: Engine,
  where: string,
  names: string[],
  x: ArrayInput,
  y: ArrayInput,
  batchSize?: number,
  weighting: Weighting & { name?: string; lengthsName?: string } = {},
): CheckedData {
  const { network } = engine;
  const inputs = checkInputs(engine, where, x, weighting, { name: names[0], lengthsName: weighting.lengthsName });
  const [samples, steps] = inputs.x.shape;
  const { loss, targetShape } = engine.compiled!;
  const output = withSteps(targetShape, steps, network.inputShape);
  const targets = toTargets(`${where}: ${names[1]}`, y, samples, output);
  if (loss.takesClasses) checkClasses(`${where}: ${names[1]}`, targets, network.outputShape.at(-1)!);
  const weights = checkWeights(where, weighting, targets);
  return { ...inputs, y: targets, weights, ...checkBatchSize(where, network, batchSize, samples) };
}

/** @throws ShapeError, ValueError before anything is made on the GPU */
export function checkValidation(
  engine: Engine,
  where: string,
  given: ValidationData | undefined,
  batchSize: number,
  lengths?: Lengths,
): CheckedData | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length < 2 || given.length > 3) {
    throw new ShapeError(
      `${where}: validationData is ${show(given)}, expected samples and targets, [x, y], or [x, y, sampleWeight].`,
    );
  }
  const [x, y, sampleWeight] = given as unknown as ValidationData;
  const names = { name: 'validationData[2]', lengthsName: 'validationLengths' };
  return checkData(engine, where, ['validationData[0]', 'validationData[1]'], x, y, batchSize, {
    sampleWeight,
    lengths,
    ...names,
  });
}

/** @throws ShapeError, ValueError */
function checkWeights(
  where: string,
  weighting: Weighting & { name?: string; lengthsName?: string },
  y: NumberArray,
): NumberArray | undefined {
  const { sampleWeight, classWeight, name = 'sampleWeight' } = weighting;
  if (sampleWeight !== undefined && classWeight !== undefined) {
    throw new ValueError(`${where}: sampleWeight and classWeight are both given, expected one of them.`);
  }
  if (classWeight !== undefined) return toClassWeights(`${where}: classWeight`, classWeight, y);
  if (sampleWeight === undefined) return undefined;
  return toSampleWeights(`${where}: ${name}`, sampleWeight, y.shape[0], y.shape.slice(1));
}

/** Samples, with or without targets. */
type Checked = CheckedInputs & Partial<CheckedData>;

/** What a data set must hold for samples like these. */
export function sampleShapes({ x, y, weights, mask, resets, states }: Checked): SampleShapes {
  const shapeOf = (array?: NumberArray) => array?.shape.slice(1);
  return {
    input: shapeOf(x)!,
    target: shapeOf(y),
    weight: shapeOf(weights),
    mask: shapeOf(mask),
    resets: shapeOf(resets),
    states: states?.map(({ name, shape }) => ({ name, size: shape[1] })),
  };
}

/** The numbers of checked data. */
export function sampleData({ x, y, weights, mask, resets, states }: Checked): SampleData {
  return {
    x: x.data,
    y: y?.data,
    weights: weights?.data,
    mask: mask?.data,
    resets: resets?.data,
    states: states?.map(({ data }) => data),
  };
}

/** Brings checked data to the GPU. @throws LimitError if there is no room for all of it; then nothing is kept */
export function upload(engine: Engine, data: CheckedData): [Dataset];
export function upload(engine: Engine, data: CheckedData, more?: CheckedData): [Dataset, Dataset | undefined];
export function upload(engine: Engine, data: CheckedData, more?: CheckedData): [Dataset, Dataset?] {
  const dataset = Dataset.of(engine.gpu, 'the data', data.x.shape[0], sampleShapes(data), sampleData(data));
  try {
    return [dataset, more && upload(engine, more)[0]];
  } catch (error) {
    dataset.dispose();
    throw error;
  }
}

/** @throws ValueError unless all targets are numbers of classes */
function checkClasses(where: string, { data }: NumberArray, classes: number): void {
  const wrong = data.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < classes));
  if (wrong >= 0) {
    throw new ValueError(
      `${where} holds ${data[wrong]} at index ${wrong}, expected the number of a class, from 0 to ${classes - 1}.`,
    );
  }
}
