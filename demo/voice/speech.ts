import { CHUNKS_PER_SECOND } from './sound.ts';

/** From which chunk to before which one there is speech. */
export interface Stretch {
  from: number;
  to: number;
}

/** Speech goes on while the probability is at the most so far below the threshold. */
export const LEEWAY = 0.15;

/** Speech is over after so many chunks of silence, and what has fewer than so many of speech is none. */
export const [SILENCE, SHORTEST] = [4, 8];

/** Cuts what was heard into stretches of speech. The last one may go on with what is heard next. */
export function stretchesOf(probabilities: ArrayLike<number>, threshold: number): Stretch[] {
  const found: Stretch[] = [];
  let current: Stretch | undefined;
  const close = (): void => {
    if (current && current.to - current.from >= SHORTEST) found.push(current);
    current = undefined;
  };
  for (let chunk = 0; chunk < probabilities.length; chunk++) {
    const probability = probabilities[chunk];
    if (probability >= threshold) current ??= { from: chunk, to: chunk };
    if (!current) continue;
    if (probability >= threshold - LEEWAY) current.to = chunk + 1;
    else if (chunk + 1 - current.to >= SILENCE) close();
  }
  close();
  return found;
}

/** How many seconds of speech there are. */
export function secondsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0) / CHUNKS_PER_SECOND;
}
