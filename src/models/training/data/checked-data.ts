import { ValueError } from '../../../runtime/errors.ts';
import { toTargets, type ArrayInput, type NumberArray } from '../../arrays.ts';
import { positiveInteger } from '../../layers/options.ts';
import { withSteps } from '../../network.ts';
import { Dataset, type SampleData, type SampleShapes } from './dataset.ts';
import { maskOfLengths, type Lengths } from './lengths.ts';
import { toClassWeights, toSampleWeights, type ClassWeight } from './sample-weights.ts';
import type { Engine } from '../engine/engine.ts';

/** What samples weigh, and how long they are. */
export interface Weighting {
  /** How many steps of each sample count; the rest is padding on the right, which touches neither state nor loss. */
  lengths?: Lengths;
  /** One number a sample, [samples], or one a step of its output, [samples, timesteps]. Default: all weigh 1. */
  sampleWeight?: ArrayInput;
  /** The weight of a sample by its class: `{ 0: 1, 1: 5 }`. Default: all weigh 1. */
  classWeight?: ClassWeight;
}

/** Samples and targets that fit the model, and the batch size to go through them with. */
export interface CheckedData {
  x: NumberArray;
  y: NumberArray;
  /** Of each sample or each of its steps; without them all weigh 1. */
  weights?: NumberArray;
  /** 1 for each step of each sample that counts; without it all do. */
  mask?: NumberArray;
  rows: number;
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
  const samples = network.toSamples(`${where}: ${names[0]}`, x);
  const { loss, targetShape } = engine.compiled!;
  const output = withSteps(targetShape, samples.shape[1], network.inputShape);
  const targets = toTargets(`${where}: ${names[1]}`, y, samples.shape[0], output);
  if (loss.takesClasses) checkClasses(`${where}: ${names[1]}`, targets, network.outputShape.at(-1)!);
  const rows = positiveInteger(where, 'batchSize', batchSize ?? network.batchSize ?? 32);
  const { lengths, lengthsName = 'lengths' } = weighting;
  const mask = lengths && maskOfLengths(`${where}: ${lengthsName}`, lengths, samples);
  return { x: samples, y: targets, weights: checkWeights(where, weighting, targets), mask, rows };
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
  return sampleWeight && toSampleWeights(`${where}: ${name}`, sampleWeight, y.shape[0], y.shape.slice(1));
}

/** What a data set must hold for samples like these. */
export function sampleShapes({ x, y, weights, mask }: CheckedData): SampleShapes {
  const [input, target, weight, maskShape] = [x, y, weights, mask].map((array) => array?.shape.slice(1));
  return { input: input!, target, weight, mask: maskShape };
}

/** The numbers of checked data. */
export function sampleData({ x, y, weights, mask }: CheckedData): SampleData {
  return { x: x.data, y: y.data, weights: weights?.data, mask: mask?.data };
}

/** Brings checked data to the GPU. */
export function upload(engine: Engine, data: CheckedData): Dataset {
  const dataset = new Dataset(engine.gpu, data.x.shape[0], sampleShapes(data));
  dataset.write(0, sampleData(data));
  return dataset;
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
