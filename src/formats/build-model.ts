import {
  activation,
  adam,
  adamw,
  bidirectional,
  binaryCrossentropy,
  categoricalCrossentropy,
  conv1d,
  cosineDecay,
  dense,
  dropout,
  embedding,
  exponentialDecay,
  gru,
  huber,
  inverseTimeDecay,
  lastStep,
  lstm,
  masking,
  meanAbsoluteError,
  meanSquaredError,
  piecewiseConstantDecay,
  polynomialDecay,
  repeatVector,
  rmsprop,
  sequential,
  sgd,
  simpleRnn,
  sparseCategoricalCrossentropy,
  ValueError,
  type CompileOptions,
  type Gpu,
  type LayerDefinition,
  type Loss,
  type Model,
  type Optimizer,
  type SequentialOptions,
} from '../index.ts';
import type { CompileContents, LayerContents, ModelContents, ScheduleContents } from './contents.ts';
import { stateWithoutNames, withoutNames } from './without-names.ts';

/**
 * Options of a loaded model in place of what the file says; those left out are as the file says, or as `sequential` has them.
 * With another `batchSize` a stateful model begins with states of zero, since those of the file belong to the rows of its
 * batches. With a `seed` dropout and the order of samples do not go on from the random states of the file.
 */
export interface LoadOptions extends Pick<
  SequentialOptions,
  'batchSize' | 'slots' | 'schedule' | 'precision' | 'seed'
> {}

/** Options that a file has read, of which the functions that take them check every one. */
type Options = Readonly<Record<string, unknown>>;
type Make<T> = (options: never) => T;

const LAYERS: Readonly<Record<string, Make<LayerDefinition>>> = {
  lstm,
  gru,
  simpleRnn,
  dense,
  conv1d,
  dropout,
  embedding,
  masking,
  lastStep,
  activation: ({ activation: kind, ...options }: Options) => activation(kind as never, options),
  repeatVector: ({ n, ...options }: Options) => repeatVector(n as number, options),
  bidirectional: ({ layer, ...options }: Options) => bidirectional(layerOf(layer as LayerContents), options),
};

const OPTIMIZERS: Readonly<Record<string, Make<Optimizer>>> = { adam, adamw, rmsprop, sgd };

const LOSSES: Readonly<Record<string, Make<Loss>>> = {
  binaryCrossentropy,
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
};

const SCHEDULES: Readonly<Record<string, Make<CompileOptions['optimizer']['learningRate']>>> = {
  exponentialDecay,
  inverseTimeDecay,
  polynomialDecay,
  cosineDecay,
  piecewiseConstantDecay,
};

/**
 * Makes a model of what a file holds. If a part of it does not fit, no model is left.
 *
 * @throws ShapeError, ValueError (as rejections) with what does not fit
 */
export async function buildModel(gpu: Gpu, contents: ModelContents, options: LoadOptions = {}): Promise<Model> {
  const { inputShape, layers, weights } = contents;
  const model = await sequential(gpu, {
    ...options,
    inputShape,
    batchSize: options.batchSize ?? contents.batchSize,
    slots: options.slots ?? contents.slots,
    layers: layers.map(layerOf),
    weights: weights && withoutNames(weights),
  });
  try {
    restore(model, contents, options);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/** Compiles a model and sets all that its training remembers. @throws ShapeError, ValueError */
function restore(model: Model, contents: ModelContents, { batchSize, seed }: LoadOptions): void {
  const { compile, optimizerState, randomState, states } = contents;
  if (compile) model.compile(compileOptionsOf(compile));
  if (compile && optimizerState) model.setOptimizerState(stateWithoutNames(optimizerState));
  if (randomState && seed === undefined) model.setRandomState(randomState);
  if (states && (batchSize === undefined || batchSize === contents.batchSize)) model.setStates(states);
}

export function layerOf({ type, options }: LayerContents): LayerDefinition {
  return known(LAYERS, 'layer', type)(options as never);
}

export function compileOptionsOf({ optimizer, loss, metrics, weightedMetrics }: CompileContents): CompileOptions {
  const { learningRate, ...options } = optimizer.options;
  const rate = typeof learningRate === 'number' ? learningRate : scheduleOf(learningRate);
  return {
    optimizer: known(OPTIMIZERS, 'optimizer', optimizer.name)({ ...options, learningRate: rate } as never),
    loss: known(LOSSES, 'loss', loss.name)(loss.options as never),
    metrics,
    weightedMetrics,
  };
}

function scheduleOf({ kind, options }: ScheduleContents) {
  return known(SCHEDULES, 'schedule of the learning rate', kind)(options as never);
}

/** @throws ValueError if the library has nothing of this name */
function known<T>(all: Readonly<Record<string, T>>, what: string, name: string): T {
  if (Object.hasOwn(all, name)) return all[name];
  throw new ValueError(`loadModel: there is no ${what} "${name}", expected one of ${Object.keys(all).join(', ')}.`);
}
