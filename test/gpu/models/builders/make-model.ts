import { onTestFinished } from 'vitest';
import {
  adam,
  binaryCrossentropy,
  dense,
  lstm,
  sequential,
  sgd,
  type CompileOptions,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { Numbers } from '../../../reference/arrays.ts';
import * as twins from '../../../reference/optimizers.ts';
import {
  ReferenceModel,
  type Figures,
  type LayerSpec,
  type ReferenceLoss,
} from '../../../reference/reference-model.ts';
import { gpu } from '../../gpu.ts';

/** An optimizer that both the library and the reference have. */
type OptimizerSpec = ({ kind: 'sgd' } & twins.SgdOptions) | ({ kind: 'adam' } & twins.AdamOptions);

export interface ModelSpec {
  /** [timesteps, features] */
  inputShape: readonly [number, number];
  layers: readonly LayerSpec[];
  /** Slots of a stateful model. */
  batchSize?: number;
  optimizer?: OptimizerSpec;
  /** Default: binary cross-entropy. */
  loss?: ReferenceLoss;
  metrics?: CompileOptions['metrics'];
  /** Default: 7. */
  seed?: number;
  schedule?: SequentialOptions['schedule'];
  precision?: SequentialOptions['precision'];
}

/** LSTM(units) and Dense(1, sigmoid), the network of the post. */
export const lstmAndHead = (units: number, stateful: boolean): LayerSpec[] => [
  { kind: 'lstm', units, stateful },
  { kind: 'dense', units: 1, activation: 'sigmoid' },
];

/** Numbers with a shape, as models take them. */
export function array(data: Numbers, shape: readonly number[]) {
  return { data: Float32Array.from(data), shape };
}

/** Random samples for a model with one output, and their targets, 0 or 1. */
export function makeSamples(
  random: ReturnType<typeof rng>,
  { inputShape }: Pick<ModelSpec, 'inputShape'>,
  count: number,
) {
  const shape = [count, ...inputShape];
  const targets = Array.from({ length: count }, () => random.integer(0, 1));
  return { x: array(random.array(elementsOf(shape), 1), shape), y: array(targets, [count, 1]) };
}

/** How many numbers an array of this shape holds. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A compiled model that lives as long as the test. */
export async function makeModel(spec: ModelSpec, on = gpu): Promise<Model> {
  const {
    inputShape,
    layers,
    batchSize,
    seed = 7,
    schedule,
    precision,
    loss = 'binaryCrossentropy',
    metrics = ['accuracy'],
  } = spec;
  const options = { inputShape, batchSize, seed, schedule, precision };
  const model = await sequential(on, { ...options, layers: layers.map(layerOf) });
  onTestFinished(() => model.dispose());
  const optimizer = optimizerOf(spec.optimizer ?? { kind: 'sgd', learningRate: 0.1 });
  model.compile({ optimizer, loss: lossOf(loss), metrics });
  return model;
}

/** Gives a model these weights, in Keras' order. */
export async function setWeights(model: Model, weights: readonly Numbers[]): Promise<void> {
  const own = await model.getWeights();
  model.setWeights(own.map(({ shape }, index) => array(weights[index], shape)));
}

/** The weights as plain lists of numbers. */
export async function weightsOf(model: Model): Promise<Float32Array[]> {
  return (await model.getWeights()).map(({ data }) => data);
}

/** A model and its twin in float64, with the same random weights; and the random numbers to go on with. */
export async function makePair(spec: ModelSpec, seed = randomSeed()) {
  const { inputShape, layers, batchSize: slots, loss = 'binaryCrossentropy' } = spec;
  const { kind, ...options } = spec.optimizer ?? { kind: 'sgd', learningRate: 0.1 };
  const optimizer = kind === 'sgd' ? twins.sgd(options) : twins.adam(options);
  const twin = new ReferenceModel({ inputShape, layers, loss, optimizer, slots });
  const random = rng(seed);
  const weights = twin.weights.map(({ length }) => random.array(length, 0.5));
  twin.setWeights(weights);
  const model = await makeModel(spec);
  await setWeights(model, weights);
  return { model, twin, random };
}

/** Compares loss and accuracy with those of a twin; a prediction at the very threshold may count either way. */
export function expectFigures(
  seen: Record<string, number>,
  { loss, accuracy, undecided }: Figures,
  closeness: Parameters<typeof expectClose>[2],
): void {
  const { atol, what } = closeness;
  expectClose([seen.loss], [loss], { ...closeness, what: `loss, ${what}` });
  expectClose([seen.accuracy], [accuracy], { ...closeness, atol: atol + undecided, what: `accuracy, ${what}` });
}

function layerOf({ kind, ...options }: LayerSpec) {
  return kind === 'lstm' ? lstm(options as Parameters<typeof lstm>[0]) : dense(options as Parameters<typeof dense>[0]);
}

function lossOf(loss: ReferenceLoss): CompileOptions['loss'] {
  return loss === 'binaryCrossentropy, clipped' ? binaryCrossentropy({ clipped: true }) : loss;
}

function optimizerOf({ kind, ...options }: OptimizerSpec) {
  return kind === 'sgd' ? sgd(options as twins.SgdOptions) : adam(options as twins.AdamOptions);
}
