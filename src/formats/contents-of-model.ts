import {
  ValueError,
  type CompileOptions,
  type Loss,
  type Model,
  type ModelInTraining,
  type Optimizer,
} from '../index.ts';
import type { CompileContents, ModelContents, ScheduleContents } from './contents.ts';
import { show } from './reading.ts';

/**
 * All that a model holds at this moment: what is called afterwards is not in it.
 *
 * @param parts `states`: also the states of the slots of a stateful model, by default not; `training`: also what it was
 * compiled with and what a training needs to go on, by default yes
 * @throws ValueError (as a rejection) if a part of it cannot be put down, such as a schedule that is a function of one's own
 */
export async function contentsOfModel(
  where: string,
  model: Model | ModelInTraining,
  { states: withStates = false, training = true }: { states?: boolean; training?: boolean } = {},
): Promise<ModelContents> {
  checkModel(where, model);
  const { inputShape, batchSize, slots, layers } = model.toJSON();
  const compileOptions = training ? model.compileOptions : undefined;
  const compile = compileOptions && compileContentsOf(where, compileOptions);
  const isStateful = layers.some(({ options }) => isStatefulLayer(options));
  // All are asked for before any is awaited, so that they are of one moment.
  const [weights, optimizerState, randomState, states] = await Promise.all([
    model.getWeights(),
    compile && model.getOptimizerState(),
    training ? model.getRandomState() : undefined,
    withStates && isStateful ? model.getStates() : undefined,
  ]);
  return {
    inputShape,
    batchSize,
    slots,
    layers: layers.map(({ type, name, options }) => ({ type, options: { ...options, name } })),
    weights,
    compile,
    optimizerState,
    randomState,
    states,
  };
}

/** @throws ValueError unless it is a model, or the one that a callback is given */
export function checkModel(where: string, model: unknown): void {
  const { toJSON, getWeights } = (model ?? {}) as Partial<Model>;
  if (typeof toJSON === 'function' && typeof getWeights === 'function') return;
  throw new ValueError(`${where}: model is ${show(model)}, expected one that sequential or loadModel gives.`);
}

function isStatefulLayer(options: Readonly<Record<string, unknown>>): boolean {
  const inner = options.layer as { options: Record<string, unknown> } | undefined;
  return options.stateful === true || inner?.options.stateful === true;
}

function compileContentsOf(where: string, compileOptions: CompileOptions): CompileContents {
  const { optimizer, metrics = [], weightedMetrics = [] } = compileOptions;
  const loss = lossContentsOf(compileOptions.loss);
  return { optimizer: optimizerContentsOf(where, optimizer), loss, metrics, weightedMetrics };
}

const SHORT_NAMES: Readonly<Record<string, string>> = { mse: 'meanSquaredError', mae: 'meanAbsoluteError' };

function lossContentsOf(loss: CompileOptions['loss']): CompileContents['loss'] {
  if (typeof loss === 'string') return { name: SHORT_NAMES[loss] ?? loss, options: {} };
  const { name, options }: Loss = loss;
  return { name, options };
}

function optimizerContentsOf(where: string, optimizer: Optimizer): CompileContents['optimizer'] {
  const { name, options, learningRate, weightDecay } = optimizer;
  const { clipnorm, clipvalue, globalClipnorm, gradientAccumulationSteps } = optimizer;
  const step = { weightDecay, clipnorm, clipvalue, globalClipnorm, gradientAccumulationSteps };
  return { name, options: { ...options, ...step, learningRate: rateContentsOf(where, learningRate) } };
}

function rateContentsOf(where: string, rate: Optimizer['learningRate']): number | ScheduleContents {
  if (typeof rate === 'number') return rate;
  if (rate.definition) return rate.definition;
  throw new ValueError(
    `${where}: the learning rate is a function of your own, which no file can hold. Use a schedule of the library, such as ` +
      `exponentialDecay, or a number with the callback learningRateScheduler.`,
  );
}
