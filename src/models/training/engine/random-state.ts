import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, show } from '../../../runtime/options.ts';
import type { Random } from '../../network/random.ts';

/** Where a model's sources of random numbers stand: four whole numbers of 32 bits each. */
export interface RandomState {
  /** The source from which `fit` draws the order of samples. */
  shuffle: readonly number[];
  /** The source from which each update of training draws the seed of its dropout. */
  dropout: readonly number[];
}

/** The sources of random numbers of a model. */
export type Randoms = Record<keyof RandomState, Random>;

const NAMES = ['shuffle', 'dropout'] as const;

export function randomStateOf({ shuffle, dropout }: Randoms): RandomState {
  return { shuffle: shuffle.state, dropout: dropout.state };
}

/**
 * Checks a state and copies it.
 *
 * @returns a function that sets it
 * @throws ValueError unless it is what `getRandomState` gives
 */
export function prepareRandomState(where: string, randoms: Randoms, state: RandomState): () => void {
  knownOptions(where, state, NAMES);
  const checked = NAMES.map((name) => {
    const numbers: unknown = state[name];
    const isWord = (number: unknown) =>
      Number.isInteger(number) && (number as number) >= 0 && (number as number) < 2 ** 32;
    if (Array.isArray(numbers) && numbers.length === 4 && numbers.every(isWord)) return [...(numbers as number[])];
    throw new ValueError(
      `${where}: ${name} is ${show(numbers)}, expected four whole numbers from 0 to 2^32 - 1, as getRandomState() gives them.`,
    );
  });
  return () => NAMES.forEach((name, index) => (randoms[name].state = checked[index]));
}
