import { ValueError } from '../index.ts';
import type { ModelContents } from './contents.ts';
import { show } from './reading.ts';

/** The first number that is NaN or infinite, which no training comes back from, in words; `undefined` if there is none. */
export function findNotFinite({
  weights = [],
  optimizerState,
  states = [],
}: Pick<ModelContents, 'weights' | 'optimizerState' | 'states'>): string | undefined {
  for (const { name, data } of [...weights, ...Object.values(optimizerState?.moments ?? {}).flat(), ...states]) {
    const index = data.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) return `${show(name)} has ${data[index]} at element ${index}, expected finite numbers`;
  }
  return undefined;
}

/** @throws ValueError if a number of a file is NaN or infinite */
export function checkFinite(
  where: string,
  contents: Pick<ModelContents, 'weights' | 'optimizerState' | 'states'>,
): void {
  const problem = findNotFinite(contents);
  if (problem) throw new ValueError(`${where}: ${problem}.`);
}
