import type { Random } from './inputs.ts';
import type { Subject } from './subject.ts';
import type { World } from './world.ts';

/** A call that is made, with what decides its details. */
export interface Call {
  world: World;
  subject: Subject;
  /** Which of the model's streams, from the first or, if it is negative, from the last. */
  pick: number;
  steps: number;
  random: Random;
}

/** Makes a call; what is returned settles with the result, if there is one to wait for. */
export type Perform = (call: Call) => Promise<unknown> | void;

/** One of a list, counted from the first or, if the number is negative, from the last. */
export function pickOf<T>(list: readonly T[], pick: number): T | undefined {
  return list.at(pick % list.length);
}
