import { toSamples, toTargets, type ArrayInput, type NumberArray } from '../arrays.ts';
import { positiveInteger } from '../layers/options.ts';
import { withSteps } from '../network.ts';
import type { Mode } from '../schedules/program.ts';
import { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';

/** Samples and targets that fit the model, and the batch size to go through them with. */
export interface CheckedData {
  x: NumberArray;
  y: NumberArray;
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
): CheckedData {
  const { network } = engine;
  const samples = toSamples(`${where}: ${names[0]}`, x, network.inputShape);
  const output = withSteps(network.outputShape, samples.shape[1]);
  const targets = toTargets(`${where}: ${names[1]}`, y, samples.shape[0], output);
  const rows = positiveInteger(where, 'batchSize', batchSize ?? network.batchSize ?? 32);
  engine.assertFits(where, rows);
  return { x: samples, y: targets, rows };
}

/** Brings checked data to the GPU, ready to run through a program. */
export function upload(engine: Engine, mode: Mode, { x, y, rows }: CheckedData): Dataset {
  const dataset = new Dataset(engine.gpu, engine.program(mode, rows, x.shape[1]), x.shape[0]);
  dataset.write(0, x.data, y.data);
  return dataset;
}
