import type { Compiled } from '../../execution/compiled.ts';
import type { Random } from '../../network/random.ts';
import type { Calls } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';
import type { Run, StopFlag } from '../engine/run.ts';

/** A model of a `trainMany`. */
export interface ModelOfMany {
  engine: Engine;
  compiled: Compiled;
  calls: Calls;
  /** Draws the order of its samples. */
  random: Random;
}

/** Whether one of several models is to end its training, or all are: its callbacks ask for the one, a model for the other. */
class StopOfOne implements StopFlag {
  #isOwn = false;

  constructor(private readonly all: readonly Readonly<StopFlag>[]) {}

  get stopTraining(): boolean {
    return this.#isOwn || this.all.some(({ stopTraining }) => stopTraining);
  }

  set stopTraining(stop: boolean) {
    this.#isOwn = stop;
  }
}

/**
 * Runs `work` when the turn of all models has come, while each is kept from all else.
 *
 * @param stops the models themselves, each of which may end the training of all
 * @throws BusyError if one of them is in a `fit`
 */
export async function runMany<T>(
  where: string,
  models: readonly ModelOfMany[],
  stops: readonly Readonly<StopFlag>[],
  work: (runs: readonly Run[]) => Promise<T>,
): Promise<T> {
  for (const { calls } of models) calls.assertOpen(where);
  const runs = models.map(({ calls }) => calls.begin(where, 'fit', new StopOfOne(stops)));
  try {
    for (const run of runs) await run.begin();
    return await work(runs);
  } finally {
    for (const [index, run] of runs.entries()) await models[index].calls.end(run);
  }
}
