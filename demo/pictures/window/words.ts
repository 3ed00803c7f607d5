import type { Best } from '../../experiments/judging/best-without-memory.ts';
import { counted } from '../../experiments/words.ts';
import { shortFigure } from '../../page/figures.ts';
import type { WindowResult } from '../../training/jobs/window.ts';
import { bestOf, GUESSED_LENGTH, rowsOf, type View, windowsIn } from './data.ts';

/** The sentence that counts. */
export function countsOf(length: number, { right, pieces, accuracy }: Best): string {
  return `Windows of ${length}: at best ${right} of ${pieces} are answered right, ${shortFigure(accuracy)}.`;
}

export function meaningOf(length: number): string {
  const alike = rowsOf(length).filter(({ isAlike }) => isAlike);
  if (alike.length === 0) return 'Every window begins with the number that decides, so everything can be known.';
  const ones = alike.filter(({ target }) => target === 1).length;
  return (
    `${alike.length} windows hold nothing but zeros, and ${ones} of them ${ones === 1 ? 'belongs' : 'belong'} to a 1. ` +
    'There is one answer for all of them: 0 is right more often.'
  );
}

export function judgementOf(guess: View['guess']): string {
  if (typeof guess !== 'number') return '';
  const { accuracy } = bestOf(GUESSED_LENGTH);
  const judgement =
    Math.abs(guess - accuracy) < 0.01 ? 'Very close' : guess > accuracy ? 'Less than that' : 'A bit more';
  return `You said ${shortFigure(guess)}. ${judgement}: ${shortFigure(accuracy)}, for any network without memory.`;
}

/** Says what can be seen in the window that is picked out. */
export function windowText({ length, start }: View): string {
  const steps = length === 1 ? `Step ${start + 1}` : `Steps ${start + 1} to ${start + length}`;
  if (start > 0) return `${steps}: this window sees only zeros, whatever the sequence began with.`;
  const sees = `${steps}: this window sees the number that decides.`;
  return windowsIn(length) === 1 ? sees : `${sees} A 1 settles it; a 0 looks like any later window.`;
}

/** The whole picture in a sentence, for those who do not see it. */
export function describe(length: number, target: number): string {
  const rows = rowsOf(length).filter((row) => row.target === target);
  const alike = rows.filter(({ isAlike }) => isAlike).length;
  const windows = `The ${windowsIn(length)} windows of a sequence with y = ${target}`;
  return `${windows}: ${alike} of them look like windows of y = ${1 - target}.`;
}

/** Says what training at a length came to. */
export function resultOf(length: number, { accuracy, epochs }: WindowResult): string {
  const best = bestOf(length).accuracy;
  const training = `Trained on windows of ${length} for ${counted(epochs, 'epoch')}`;
  const trained = `${training}: ${shortFigure(accuracy)} on the test half.`;
  if (accuracy > best - 1e-4) return `${trained} As good as any network can be here.`;
  if (Math.abs(accuracy - 0.5) < 1e-4)
    return `${trained} By a hair it answers 1 to all zeros; with 0 it would reach ${shortFigure(best)}.`;
  return `${trained} The best would be ${shortFigure(best)}.`;
}

/** The numbers of a window as a text, such as 1000000000. */
export function cellsText(cells: readonly number[]): string {
  return cells.join('');
}
