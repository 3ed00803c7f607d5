import { onTestFinished } from 'vitest';
import {
  dense,
  sequential,
  type LayerDefinition,
  type Model,
  type Sampling,
  type SequentialOptions,
  type Stream,
} from '../../../../src/index.ts';
import { sampleClass } from '../../../../src/preprocessing/index.ts';
import { gpu } from '../../gpu.ts';

export type Schedule = NonNullable<SequentialOptions['schedule']>;

export const CLASSES = 11;
export const softmax = dense({ units: CLASSES, activation: 'softmax' });
export const close = { atol: 1e-5, rtol: 1e-4, reason: 'float32, by other kernels, and errors feed back' };

/** A model for streams, which lives as long as the test. Its outputs are far from uniform. */
export async function streaming(
  layers: readonly LayerDefinition[],
  { slots = 3, inputShape = [null, CLASSES] as (number | null)[], scale = 4, schedule = 'auto' as Schedule } = {},
): Promise<Model> {
  const model = await sequential(gpu, { inputShape, slots, seed: 5, layers, schedule });
  onTestFinished(() => model.dispose());
  const weights = await model.getWeights();
  model.setWeights(weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((value) => scale * value) })));
  return model;
}

export const oneHot = (index: number) => Array.from({ length: CLASSES }, (_, k) => Number(k === index));

/** What a loop of pushes draws, each class from the outputs of the one before. */
export async function loop(
  stream: Stream,
  inputOf: (index: number) => number[] | number,
  first: number,
  steps: number,
  sample: Sampling,
) {
  const classes: number[] = [];
  let { data } = await stream.push(inputOf(first));
  for (let step = 0; step < steps; step++) {
    classes.push(sampleClass(data, { seed: 0, ...sample, step }));
    ({ data } = await stream.push(inputOf(classes[step])));
  }
  return classes;
}
