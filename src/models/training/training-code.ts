import { ValueError } from '../../runtime/errors.ts';
import { knownOptions, show } from '../../runtime/options.ts';
import { createProgram } from '../execution/choose.ts';
import { Compiled, type CompileOptions } from '../execution/compiled.ts';
import type { Optimizer } from '../network/optimizer/rules.ts';
import { prepareOptimizerState, readOptimizerState } from './engine/optimizer-state.ts';
import { OnBatch } from './on-batch.ts';
import { prepareAnyEvaluate, prepareAnyFit } from './prepare.ts';

/**
 * Everything that a model needs to train and to test, and not to predict. It comes with the optimizers: a page that imports
 * none of them only predicts, and its bundler leaves all this out.
 */
const trainingCode = {
  Compiled,
  createProgram,
  prepareEvaluate: prepareAnyEvaluate,
  prepareFit: prepareAnyFit,
  OnBatch,
  prepareOptimizerState,
  readOptimizerState,
};
export type TrainingCode = typeof trainingCode;

/** Lets models be trained by this optimizer. */
export function withTraining(optimizer: Optimizer): Optimizer & { trainingCode: TrainingCode } {
  return { ...optimizer, trainingCode };
}

/** Checks which optimizer `model.compile` is given. @throws ValueError if there is none, or an unknown option */
export function trainingCodeOf(where: string, options: CompileOptions): TrainingCode {
  knownOptions(where, options, ['optimizer', 'loss', 'metrics', 'weightedMetrics']);
  const { optimizer } = options as { optimizer?: Partial<ReturnType<typeof withTraining>> };
  if (optimizer?.trainingCode) return optimizer.trainingCode;
  throw new ValueError(`${where}: optimizer is ${show(optimizer)}, expected e.g. adam() or sgd().`);
}
