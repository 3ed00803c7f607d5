import type { Random } from '../../random.ts';
import type { Engine } from '../engine/engine.ts';

/** A model that trains together with others. */
export interface Member {
  engine: Engine;
  /** Of the order of its samples. */
  random: Random;
  /** @throws DisposedError, DeviceLostError */
  assertUsable: (where: string) => void;
}

/** Runs `work` while every model is kept from all else. @throws BusyError if one of them is in a run already */
export function runTogether<T>(where: string, engines: readonly Engine[], work: () => Promise<T>): Promise<T> {
  return engines.reduce((inner, engine) => () => engine.runAlone(where, inner), work)();
}
