import { ValueError } from '../../runtime/errors.ts';
import { isList, show } from '../../runtime/options.ts';
import type { Compiled } from '../execution/compiled.ts';
import type { Logs } from '../execution/logs.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { EvaluateBatchesOptions, EvaluateOptions } from './callbacks/callback.ts';
import { isBatches, type Batches, type InputBatch } from './data/batches.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { prepareEvaluate, prepareEvaluateBatches } from './evaluate.ts';
import { FIT_BATCHES_OPTIONS, prepareFitBatches, type FitBatchesOptions } from './fit-batches.ts';
import { prepareFit, type FitOptions } from './fit.ts';
import { preparePredictBatches } from './predict-batches.ts';
import { preparePredict, type Prediction, type PredictOptions } from './predict.ts';
import type { TrainingHistory } from './train.ts';

/** A call that has been checked. */
export interface PreparedCall<T> {
  /** Runs it when its turn has come; must be called in any case, since it frees what the call holds. */
  work: (run: Run) => Promise<T>;
  /** Ends it before its time. */
  signal?: AbortSignal;
}

/** Checks a call of `fit` with arrays x and y, or with batches and options. @throws as `prepareFit`, `prepareFitBatches` */
export function prepareAnyFit(
  engine: Engine,
  x: ArrayInput | Batches,
  y: ArrayInput | FitBatchesOptions | undefined,
  options: FitOptions | undefined,
): PreparedCall<TrainingHistory> {
  if (isBatches(x)) {
    const given = optionsBehind<FitBatchesOptions>('fit', y, options);
    return { work: prepareFitBatches(engine, x as Batches, given), signal: given.signal };
  }
  const work = prepareFit(engine, x, targetsOf('fit', y), options === undefined ? {} : options);
  return { work, signal: options?.signal };
}

/** Checks a call of `evaluate` with arrays x and y, or with batches and options. @throws as `prepareEvaluate` */
export function prepareAnyEvaluate(
  engine: Engine,
  x: ArrayInput | Batches,
  y: ArrayInput | EvaluateBatchesOptions | undefined,
  options: EvaluateOptions | undefined,
  compiled?: Compiled,
): PreparedCall<Logs> {
  if (isBatches(x)) {
    const given = optionsBehind<EvaluateBatchesOptions>('evaluate', y, options);
    return { work: prepareEvaluateBatches(engine, x as Batches, given, compiled), signal: given.signal };
  }
  const work = prepareEvaluate(engine, x, targetsOf('evaluate', y), options === undefined ? {} : options, compiled);
  return { work, signal: options?.signal };
}

/** Checks a call of `predict` with an array x or with batches. @throws as `preparePredict`, `preparePredictBatches` */
export function prepareAnyPredict(
  engine: Engine,
  x: ArrayInput | Batches<InputBatch>,
  options: PredictOptions,
): PreparedCall<Prediction> {
  const work = isBatches(x)
    ? preparePredictBatches(engine, x as Batches<InputBatch>, options)
    : preparePredict(engine, x, options);
  return { work, signal: options?.signal };
}

/** The options of a call with batches, which stand where a call with arrays has targets. @throws ValueError */
function optionsBehind<O>(name: string, y: unknown, options: unknown): O {
  const isRecord = typeof y === 'object' && y !== null && !isList(y) && !('data' in y);
  if (options === undefined && (y === undefined || isRecord)) return (y ?? {}) as O;
  throw new ValueError(
    `model.${name}: y is ${show(y)}, but x is an iterable, whose batches bring their own targets. Call ` +
      `${name}(batches, options).`,
  );
}

/** @throws ValueError if options stand where a call with arrays has targets */
function targetsOf(name: string, y: unknown): ArrayInput {
  const names = typeof y === 'object' && y !== null && !isList(y) ? Object.keys(y) : [];
  if (names.length === 0 || !names.every((each) => FIT_BATCHES_OPTIONS.includes(each))) return y as ArrayInput;
  throw new ValueError(
    `model.${name}: y is ${show(y)}, expected targets, since x is an array. For batches in an array, give a function that ` +
      `returns it: ${name}(() => batches, options).`,
  );
}
