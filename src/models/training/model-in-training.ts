import { requireCompiled } from '../execution/compiled.ts';
import type { ModelInTraining } from './callbacks/callback.ts';
import type { Engine } from './engine/engine.ts';
import type { Run } from './engine/run.ts';
import { prepareReading, prepareStates } from './engine/states.ts';
import { prepareWeights, readWeights } from './engine/weights.ts';
import { prepareEvaluate } from './evaluate.ts';
import { preparePredict } from './predict.ts';

/** Makes the model that the callbacks of a run get: its methods take effect between two batches of the run. */
export function modelInTraining(engine: Engine, run: Run): ModelInTraining {
  const inRun = (name: string): string => {
    const where = `a callback of ${run.where}: model.${name}`;
    run.assertNotOver(where);
    return where;
  };
  // A run keeps to the `compile` before its call: after an `evaluate` that nobody awaits the model may be compiled anew.
  const { compiled } = engine;
  return {
    get stopTraining() {
      return run.stop.stopTraining;
    },
    set stopTraining(stop) {
      run.stop.stopTraining = stop;
    },
    get learningRate() {
      return requireCompiled(run.where, compiled).learningRate;
    },
    set learningRate(rate) {
      const where = inRun('learningRate');
      requireCompiled(where, compiled).setLearningRate(where, rate);
    },
    async getWeights() {
      inRun('getWeights');
      return readWeights(engine);
    },
    async setWeights(weights) {
      prepareWeights(inRun('setWeights'), engine, weights)();
    },
    resetStates(slots) {
      engine.resetStates(run.range, engine.checkRows(inRun('resetStates'), run.range, slots));
    },
    async getStates(selection = {}) {
      return prepareReading(inRun('getStates'), engine, selection)();
    },
    setStates(states, selection = {}) {
      prepareStates(inRun('setStates'), engine, states, selection)();
    },
    async evaluate(x, y, options = {}) {
      const where = inRun('evaluate');
      run.assertCanBegin(where);
      return run.runNested(where, 'evaluate', prepareEvaluate(engine, x, y, options, compiled));
    },
    async predict(x, options = {}) {
      const where = inRun('predict');
      run.assertCanBegin(where);
      return run.runNested(where, 'predict', preparePredict(engine, x, options));
    },
  };
}
