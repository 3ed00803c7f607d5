import type { ModelInTraining } from './callbacks/callback.ts';
import type { Engine } from './engine/engine.ts';

/** What callbacks see of a model while `fit` runs on it. */
export function modelInTraining(engine: Engine, model: { stopTraining: boolean }): ModelInTraining {
  const { network, queue } = engine;
  return {
    get stopTraining() {
      return model.stopTraining;
    },
    set stopTraining(stop) {
      model.stopTraining = stop;
    },
    get learningRate() {
      return engine.compiled!.learningRate;
    },
    set learningRate(rate) {
      engine.compiled!.setLearningRate('a callback of model.fit', rate);
    },
    async getWeights() {
      await queue.flush();
      return network.parameters.read();
    },
    async setWeights(weights) {
      await queue.flush();
      network.parameters.write('a callback of model.fit', weights);
    },
  };
}
