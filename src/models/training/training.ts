import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, show } from '../../runtime/options.ts';
import { createProgram } from '../execution/choose.ts';
import { Compiled, type CompileOptions } from '../execution/compiled.ts';
import type { Optimizer } from '../network/optimizer/rules.ts';
import { OnBatch } from './on-batch.ts';
import { prepareAnyEvaluate, prepareAnyFit } from './prepare.ts';

/**
 * Everything that a model needs to train and to test, and not to predict. It comes with the optimizers: a page that imports
 * none of them only predicts, and its bundler leaves all this out.
 */
const training = {
  Compiled,
  createProgram,
  prepareEvaluate: prepareAnyEvaluate,
  prepareFit: prepareAnyFit,
  OnBatch,
};
export type Training = typeof training;

/** Lets models be trained by this optimizer. */
export function withTraining(optimizer: Optimizer): Optimizer & { training: Training } {
  return { ...optimizer, training };
}

/** Checks which optimizer `model.compile` is given. @throws ValueError if there is none, or an unknown option */
export function trainingOf(where: string, options: CompileOptions): Training {
  knownOptions(where, options, ['optimizer', 'loss', 'metrics', 'weightedMetrics']);
  const { optimizer } = options as { optimizer?: Partial<ReturnType<typeof withTraining>> };
  if (optimizer?.training) return optimizer.training;
  throw new ValueError(`${where}: optimizer is ${show(optimizer)}, expected e.g. adam() or sgd().`);
}
