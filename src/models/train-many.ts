import { ValueError } from '../runtime/errors.ts';
import type { ArrayInput } from './network/arrays.ts';
import { show } from '../runtime/options.ts';
import { Model } from './model.ts';
import type { TrainingHistory } from './training/train.ts';
import { prepareMany, type TrainManyOptions } from './training/many/fit-many.ts';
import { runMany } from './training/many/runs.ts';

/**
 * Trains many models at once on the same samples x [samples, timesteps, features] and targets y [samples, outputs]: each
 * in one workgroup, all in the same dispatches. Each becomes what its own `fit` would have made of it.
 *
 * The models are of one form, an `lstm` with a `dense` behind it, compiled with the same loss and metrics and with plain
 * `adam`, and small enough to fit into a workgroup. They may differ in weights, in the seed that shuffles their samples,
 * and in Adam's learning rate, betas and epsilon.
 *
 * Each model has callbacks of its own, which may end its training before that of the others: `callbacks` gives them.
 *
 * Until it settles, nothing else can be done with the models from outside of their callbacks, but for reading weights and
 * states, for `resetStates`, and for setting `stopTraining` of any of them, which ends the training of all.
 *
 * Afterwards the models lie side by side on the GPU, where they can train together again without a copy. Their memory is
 * freed when all of them are disposed.
 *
 * @returns what `fit` returns, for each model
 * @throws ShapeError, ValueError (as rejections) before training begins, with the number of the model that does not fit;
 * LimitError if the device cannot hold so many; BusyError while one of them is in another run; DisposedError,
 * DeviceLostError
 */
export async function trainMany(
  models: readonly Model[],
  x: ArrayInput,
  y: ArrayInput,
  options: TrainManyOptions = {},
): Promise<TrainingHistory[]> {
  const where = 'trainMany';
  checkModels(where, models);
  const all = models.map((model, index) => model.forMany(`${where}: models[${index}]`));
  const other = all.findIndex(({ engine }) => engine.gpu !== all[0].engine.gpu);
  if (other >= 0) {
    throw new ValueError(`${where}: models[${other}] is on another GPU than models[0]. Build all with the same gpu.`);
  }
  const work = prepareMany(where, all, x, y, options);
  for (const model of models) model.stopTraining = false;
  return runMany(where, all, models, work);
}

/** @throws ValueError unless it is a list of models, each once */
function checkModels(where: string, models: unknown): void {
  if (!Array.isArray(models) || models.length === 0) {
    throw new ValueError(`${where}: models is ${show(models)}, expected a list of at least one model.`);
  }
  models.forEach((model: unknown, index) => {
    if (!(model instanceof Model)) {
      throw new ValueError(`${where}: models[${index}] is ${show(model)}, expected a model made with sequential().`);
    }
    const first = models.indexOf(model);
    if (first < index) {
      throw new ValueError(
        `${where}: models[${index}] is models[${first}] again, and a model has one set of weights. Build another.`,
      );
    }
  });
}
