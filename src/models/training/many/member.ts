import type { Random } from '../../network/random.ts';
import type { Calls } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';

/** A model that trains together with others. */
export interface Member {
  engine: Engine;
  calls: Calls;
  /** Of the order of its samples. */
  random: Random;
  /** @throws DisposedError, DeviceLostError */
  assertUsable: (where: string) => void;
}

/** Runs `work` at the turn of all models, while each is kept from all else. @throws BusyError if one of them is in a `fit` */
export async function runTogether<T>(where: string, members: readonly Member[], work: () => Promise<T>): Promise<T> {
  for (const { calls } of members) calls.assertOpen(where);
  const runs = members.map(({ calls }) => calls.begin(where, 'fit'));
  try {
    for (const run of runs) await run.begin();
    return await work();
  } finally {
    for (const [index, run] of runs.entries()) await members[index].calls.end(run);
  }
}
