import { counted } from '../../experiments/words.ts';
import { dayOf, signedFigure } from '../../page/figures.ts';
import type { TableContents } from '../../page/table-twin.ts';
import type { TrainedNetwork } from '../../training/jobs/clock.ts';
import { LEARNED } from '../learned.ts';
import { type Clock, type ClockState, SEQUENCE_STEPS, STEPS, stepsSinceOne, WINDOW_STEPS } from './data.ts';

const count = (clock: Clock): number => clock.windows.filter(({ isRight }) => isRight).length;

export function caption(clock: Clock): string {
  const right = count(clock);
  const first = `${right} of ${clock.windows.length} answers are right, and nobody tells the network where a sequence begins.`;
  if (right < LEARNED * clock.windows.length) return `${first} It has not found the trick.`;
  return (
    `${first} A 1 starts its cells one after another, like the hand of a clock. When the hand has gone round after ` +
    `${SEQUENCE_STEPS} steps without a new 1, the answer falls to 0.`
  );
}

/** Reads out a step and a row. */
export function reading(clock: Clock, { answers, at, row }: ClockState): string {
  const sequence = Math.floor(at / SEQUENCE_STEPS);
  const window = Math.floor((at % SEQUENCE_STEPS) / WINDOW_STEPS);
  const [held, largest] = [clock.c[row * STEPS + at], clock.largest[row]];
  return (
    `Sequence ${sequence + 1} (y = ${answers[sequence]}), window ${window + 1}, step ${(at % WINDOW_STEPS) + 1}. ` +
    `The last 1 was read ${stepsSinceOne(answers, at)} steps ago. ` +
    `Cell ${clock.cells[row] + 1} holds ${signedFigure(held)}; in this picture it never goes beyond ±${largest.toFixed(2)}. ` +
    `The answer here would be p = ${clock.p[at].toFixed(2)}.`
  );
}

/** The epoch that is trained. */
export function doing(epoch: number, epochs: number): string {
  return `epoch ${epoch + 1} of ${epochs} at most`;
}

export const TRAINED_HERE = 'Weights trained here, now';

export function recordedOn({ date, machine }: { date: string; machine: string }): string {
  return `Weights recorded on ${dayOf(date)}, on ${machine}`;
}

/** Where the weights come from, and how good they are. */
export function sourceOf(
  origin: string,
  { epochs, testAccuracy }: Pick<TrainedNetwork, 'epochs' | 'testAccuracy'>,
): string {
  return `${origin}: ${counted(epochs, 'epoch')}, test accuracy ${testAccuracy.toFixed(4)}.`;
}

/** The picture as a table, a row a window. */
export function tableOf(clock: Clock, answers: ClockState['answers']): TableContents {
  const columns = [
    'window',
    'y',
    'steps since the last 1',
    'p',
    'right?',
    ...clock.cells.map((cell) => `c of cell ${cell + 1}`),
  ];
  const rows = clock.windows.map(({ sequence, window, y, p, isRight }, index) => {
    const at = (index + 1) * WINDOW_STEPS - 1;
    const held = clock.cells.map((_, row) => signedFigure(clock.c[row * STEPS + at]));
    const name = `${window + 1} of sequence ${sequence + 1}`;
    return [name, y, stepsSinceOne(answers, at), p.toFixed(3), isRight ? 'right' : 'wrong', ...held];
  });
  return { columns, rows };
}
