import { ValueError } from '../runtime/errors.ts';
import type { ArrayInput } from './network/arrays.ts';
import { show } from '../runtime/options.ts';
import { Model } from './sequential.ts';
import type { History } from './training/fit.ts';
import { prepareMany, type TrainManyOptions } from './training/many/fit-many.ts';
import { runTogether } from './training/many/member.ts';

/**
 * Trains many models at once on the same samples x [samples, timesteps, features] and targets y [samples, outputs]: each
 * in one workgroup, all in the same dispatches. Each becomes what its own `fit` would have made of it.
 *
 * The models are of one form, an `lstm` with a `dense` behind it, compiled with the same loss and metrics and with plain
 * `adam`, and small enough to fit into a workgroup. They may differ in weights, in the seed that shuffles their samples,
 * and in Adam's learning rate, betas and epsilon.
 *
 * Until it settles, nothing else can be done with the models, but for reading weights and states, for `resetStates`, and
 * for setting `stopTraining` of any of them, which ends the training of all.
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
): Promise<History[]> {
  const where = 'trainMany';
  checkModels(where, models);
  const members = models.map((model, index) => model.member(`${where}: models[${index}]`));
  const engines = members.map(({ engine }) => engine);
  const other = engines.findIndex(({ gpu }) => gpu !== engines[0].gpu);
  if (other >= 0) {
    throw new ValueError(`${where}: models[${other}] is on another GPU than models[0]. Build all with the same gpu.`);
  }
  const isStopped = () => models.some(({ stopTraining }) => stopTraining);
  const work = prepareMany(where, members, x, y, options, isStopped);
  for (const model of models) model.stopTraining = false;
  return runTogether(where, members, work);
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
