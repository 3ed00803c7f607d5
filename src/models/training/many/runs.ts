import type { Compiled } from '../../execution/compiled.ts';
import type { Calls } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';
import type { Run, StopFlag } from '../engine/run.ts';

/** A model of a `trainMany`. */
export interface ModelOfMany {
  engine: Engine;
  compiled: Compiled;
  calls: Calls;
}

/** The flag that ends the training of one model of several: its callbacks set it, and each of the models sets it for all. */
class MemberStopFlag implements StopFlag {
  #isSet = false;

  constructor(private readonly all: readonly Readonly<StopFlag>[]) {}

  get stopTraining(): boolean {
    return this.#isSet || this.all.some(({ stopTraining }) => stopTraining);
  }

  set stopTraining(stop: boolean) {
    this.#isSet = stop;
  }
}

/**
 * Runs `work` when the turn of all models has come; meanwhile each is in a run, so that other calls are refused.
 *
 * @param stops the flags of the models, each of which ends the training of all
 * @throws BusyError if one of them is in a `fit`
 */
export async function runMany<T>(
  where: string,
  models: readonly ModelOfMany[],
  stops: readonly Readonly<StopFlag>[],
  work: (runs: readonly Run[]) => Promise<T>,
): Promise<T> {
  for (const { calls } of models) calls.assertOpen(where);
  const runs = models.map(({ calls }) => calls.begin(where, 'fit', undefined, new MemberStopFlag(stops)));
  try {
    for (const run of runs) await run.begin();
    return await work(runs);
  } catch (error) {
    // If a model was disposed meanwhile, the error is to tell which.
    models.forEach(({ calls }, index) => calls.assertAlive(`${where}: models[${index}]`));
    throw error;
  } finally {
    for (const [index, run] of runs.entries()) await models[index].calls.end(run);
  }
}
