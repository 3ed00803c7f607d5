import type { TableContents } from '../../page/table-twin.ts';
import { CELLS, LENGTH, MODES, SEQUENCES, STEPS, type Reading, type TapeState } from './data.ts';

/** How many answers are right, and why the others are not. */
export interface Caption {
  count: string;
  why: string;
}

export function captionOf({ mode, seen, ones }: TapeState, readings: readonly Reading[]): Caption {
  const right = readings.filter(({ isRight }) => isRight).length;
  const count = `${right} of ${STEPS} right`;
  const isPerfect = right === STEPS;
  if (mode === 'stateless') {
    return { count, why: 'every step starts from an empty memory, so a 1 is forgotten by the next step.' };
  }
  if (seen === 0) return { count, why: 'before any training the answers are guesses.' };
  if (mode === 'never') return { count, why: isPerfect ? HARMLESS : whoGlows(ones, readings) };
  const hasLateOne = ones.some((one) => one % LENGTH > 0);
  if (isPerfect) return { count, why: hasLateOne ? LATE_BUT_RIGHT : CLEARED };
  return { count, why: hasLateOne ? LATE_AND_WRONG : `${seen} sequences were too few to learn it.` };
}

const CLEARED = 'each sequence begins with an empty memory.';
const HARMLESS = 'nothing is cleared between the sequences, and here it does no harm.';
const LATE_BUT_RIGHT = 'the first number has filled the memory, and a later 1 changes no answer.';
const LATE_AND_WRONG = 'no sequence of the training had a 1 in its midst.';

/** Names the first sequence whose answers are mostly wrong, and the 1 that is still in memory there. */
function whoGlows(ones: readonly number[], readings: readonly Reading[]): string {
  for (let sequence = 1; sequence < SEQUENCES; sequence++) {
    const begin = sequence * LENGTH;
    const wrong = readings.slice(begin, begin + LENGTH).filter(({ isRight }) => !isRight).length;
    const last = ones.findLast((one) => one < begin);
    if (wrong <= LENGTH / 2 || readings[begin].y === 1 || last === undefined) continue;
    return `the 1 of sequence ${Math.floor(last / LENGTH) + 1} still glows in sequence ${sequence + 1}.`;
  }
  return 'nothing is cleared, so each sequence begins with the memory of the one before.';
}

/** The tape as a table, a row a step. */
export function tableOf(readings: readonly Reading[]): TableContents {
  const cells = Array.from({ length: CELLS }, (_, cell) => `c ${cell + 1}`);
  return {
    columns: ['Step', 'Sequence', 'x', 'y', 'p', 'Answer', ...cells],
    rows: readings.map(({ x, y, p, isRight, c }, index) => [
      index + 1,
      Math.floor(index / LENGTH) + 1,
      x,
      y,
      p.toFixed(3),
      isRight ? 'right' : 'wrong',
      ...Array.from(c, (value) => value.toFixed(2)),
    ]),
  };
}

/** Names the cells of a sequence, for those who cannot see them. */
export function labelOf({ mode, seen }: TapeState): string {
  return `The ${CELLS} cells at each step. ${MODES.get(mode)!}, after training on ${seen} sequences.`;
}
