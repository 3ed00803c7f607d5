import { BusyError, ValueError } from '../../runtime/errors.ts';
import { refuseUnknownProperties } from '../../runtime/known-properties.ts';
import { knownOptions, show, trueOrFalse } from '../../runtime/options.ts';
import { requireCompiled, type Compiled } from '../execution/compiled.ts';
import type { Logs } from '../execution/logs.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { EvaluateBatchesOptions, EvaluateOptions, ModelInTraining } from './callbacks/callback.ts';
import type { Batches } from './data/batches.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { prepareRandomState, randomStateOf } from './engine/random-state.ts';
import { prepareReading, prepareStates } from './engine/states.ts';
import { prepareWeights, readWeights } from './engine/weights.ts';
import { prepareAnyPredict } from './prepare.ts';
import type { TrainingCode } from './training-code.ts';

/**
 * Makes the model that the callbacks of a run get: its methods take effect between two batches of the run.
 *
 * @param trainingCode absent if the run predicts, which calls no callbacks
 */
export function modelInTraining(engine: Engine, run: Run, trainingCode: TrainingCode | undefined): ModelInTraining {
  // A run uses the `compile` before its call: while an `evaluate` that nobody awaits runs, the model may be compiled anew.
  const { compiled } = engine;
  const model: ModelInTraining = {
    get stopTraining() {
      return run.stop.stopTraining;
    },
    set stopTraining(stop) {
      run.stop.stopTraining = trueOrFalse(`a callback of ${run.where}: model.stopTraining`, 'stopTraining', stop);
    },
    get learningRate() {
      return requireCompiled(run.where, compiled).learningRate;
    },
    set learningRate(rate) {
      const where = assertRunning(run, 'learningRate');
      requireCompiled(where, compiled).setLearningRate(where, rate);
    },
    get compileOptions() {
      return requireCompiled(run.where, compiled).options;
    },
    layers: engine.network.summaries,
    toJSON: () => engine.network.summary,
    continueFrom: (position) => continueFrom(run, position),
    ...weightsAndStates(engine, run),
    ...optimizerAndRandom(engine, run, compiled, trainingCode),
    ...nestedRuns(engine, run, compiled, trainingCode),
  };
  explainMissingMethods(model, run);
  refuseUnknownProperties(model);
  return model;
}

/** Methods that the model itself has alone. */
const MISSING_METHODS = ['fit', 'compile', 'trainOnBatch', 'testOnBatch', 'predictOnBatch', 'dispose'];

/** Lets methods that only the model itself has say so. Neither types nor loops over properties know them. */
function explainMissingMethods(model: ModelInTraining, run: Run): void {
  for (const name of MISSING_METHODS) {
    const value = () => {
      throw new BusyError(
        `a callback of ${run.where}: its model has no ${name}, but evaluate and predict. Call ${name} of the model itself ` +
          `once ${run.where} has ended.`,
      );
    };
    Object.defineProperty(model, name, { value, configurable: true });
  }
}

type WeightsAndStates = Pick<ModelInTraining, 'getWeights' | 'setWeights' | 'resetStates' | 'getStates' | 'setStates'>;

function weightsAndStates(engine: Engine, run: Run): WeightsAndStates {
  return {
    async getWeights() {
      assertRunning(run, 'getWeights');
      return readWeights(engine);
    },
    async setWeights(weights) {
      prepareWeights(assertRunning(run, 'setWeights'), engine, weights)();
    },
    resetStates(slots) {
      engine.resetStates(run.range, engine.checkRows(assertRunning(run, 'resetStates'), run.range, slots));
    },
    async getStates(selection = {}) {
      return prepareReading(assertRunning(run, 'getStates'), engine, selection)();
    },
    setStates(states, selection = {}) {
      prepareStates(assertRunning(run, 'setStates'), engine, states, selection)();
    },
  };
}

/** @throws ValueError, BusyError */
function continueFrom(run: Run, position: { epoch: number; batch?: number }): void {
  const where = assertRunning(run, 'continueFrom');
  knownOptions(where, position, ['epoch', 'batch']);
  const { epoch, batch = 0 } = position;
  if (!run.beginning) {
    throw new BusyError(`${where}: it can be called by onTrainBegin of a fit alone, before the first epoch has begun.`);
  }
  for (const [name, value] of Object.entries({ epoch, batch })) {
    if (Number.isInteger(value) && value >= 0) continue;
    throw new ValueError(`${where}: ${name} is ${show(value)}, expected a whole number of at least 0.`);
  }
  run.beginning = { epoch, batch };
}

type OptimizerAndRandom = Pick<
  ModelInTraining,
  'getOptimizerState' | 'setOptimizerState' | 'getRandomState' | 'setRandomState'
>;

function optimizerAndRandom(
  engine: Engine,
  run: Run,
  compiled: Compiled | undefined,
  trainingCode: TrainingCode | undefined,
): OptimizerAndRandom {
  return {
    async getOptimizerState() {
      const where = assertRunning(run, 'getOptimizerState');
      return trainingCode!.readOptimizerState(engine, requireCompiled(where, compiled));
    },
    setOptimizerState(state) {
      const where = assertRunning(run, 'setOptimizerState');
      trainingCode!.prepareOptimizerState(where, engine, requireCompiled(where, compiled), state)();
    },
    async getRandomState() {
      assertRunning(run, 'getRandomState');
      return randomStateOf(engine.randoms);
    },
    setRandomState(state) {
      prepareRandomState(assertRunning(run, 'setRandomState'), engine.randoms, state)();
    },
  };
}

function nestedRuns(
  engine: Engine,
  run: Run,
  compiled: Compiled | undefined,
  trainingCode: TrainingCode | undefined,
): Pick<ModelInTraining, 'evaluate' | 'predict'> {
  return {
    async evaluate(
      x: ArrayInput | Batches,
      y?: ArrayInput | EvaluateBatchesOptions,
      options?: EvaluateOptions,
    ): Promise<Logs> {
      const where = assertRunning(run, 'evaluate');
      run.assertCanBegin(where);
      requireCompiled(where, compiled);
      const { work, signal } = trainingCode!.prepareEvaluate(engine, x, y, options, compiled);
      return run.runNested(where, 'evaluate', work, signal);
    },
    async predict(x, options = {}) {
      const where = assertRunning(run, 'predict');
      run.assertCanBegin(where);
      const { work, signal } = prepareAnyPredict(engine, x, options);
      return run.runNested(where, 'predict', work, signal);
    },
  };
}

/** @returns how error messages name the call @throws BusyError if the run has ended */
function assertRunning(run: Run, name: string): string {
  const where = `a callback of ${run.where}: model.${name}`;
  run.assertNotOver(where);
  return where;
}
