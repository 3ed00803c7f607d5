import { type Best, bestWithoutMemory } from '../../experiments/judging/best-without-memory.ts';
import { SEQUENCE_LENGTH } from '../../experiments/data/sequences.ts';
import { WINDOW_LENGTH } from '../../experiments/data/prepare-sequences.ts';

export const LENGTHS = Array.from({ length: SEQUENCE_LENGTH }, (_, index) => index + 1);
/** The length that the reader guesses about, which is the post's. */
export const GUESSED_LENGTH = WINDOW_LENGTH;
/** The lengths that the axis names. */
export const TICKS = LENGTHS.filter((length) => length === 1 || length % 5 === 0);

/** The state of the picture. */
export interface View {
  /** Steps in a window. */
  length: number;
  /** Where the window that is picked out starts, counted from 0. */
  start: number;
  /** The accuracy that the reader guessed; or nothing, with or without the wish to see the answer. */
  guess: number | 'none' | 'skipped';
}

/** The targets, in the order in which their sequences are drawn. */
export const TARGETS = [1, 0] as const;
export type Target = (typeof TARGETS)[number];

/** One window of the sequence with a target. */
export interface Row {
  target: Target;
  start: number;
  cells: readonly number[];
  /** Whether the same numbers are a window of the other sequence too, so that nothing can tell them apart. */
  isAlike: boolean;
  /** Whether the best answer to its numbers is right here. */
  isRight: boolean;
}

/** The sequence with a target: zeros behind the target. */
export function sequenceOf(target: Target): number[] {
  return Array.from({ length: SEQUENCE_LENGTH }, (_, step) => (step === 0 ? target : 0));
}

export function windowsIn(length: number): number {
  return SEQUENCE_LENGTH - length + 1;
}

/** All windows of a length, those of y = 1 first, each judged by the best answer that can be given to its numbers alone. */
export function rowsOf(length: number): readonly Row[] {
  // Every redraw asks for them.
  let rows = known.get(length);
  if (!rows) known.set(length, (rows = judgedRows(length)));
  return rows;
}

const known = new Map<number, readonly Row[]>();

function judgedRows(length: number): Row[] {
  const windows = TARGETS.flatMap((target) => {
    const sequence = sequenceOf(target);
    return Array.from({ length: windowsIn(length) }, (_, start) => ({
      target,
      start,
      cells: sequence.slice(start, start + length),
    }));
  });
  return windows.map((window) => {
    const same = windows.filter(({ cells }) => String(cells) === String(window.cells));
    const ones = same.filter(({ target }) => target === 1).length;
    const best = 2 * ones > same.length ? 1 : 0;
    return { ...window, isAlike: ones > 0 && ones < same.length, isRight: window.target === best };
  });
}

/** The best that any network without memory can do with windows of a length. */
export function bestOf(length: number): Best {
  return bestWithoutMemory(windowsIn(length));
}

/** The view with another length or start, moved so that the window stays in the sequence. */
export function within({ length, start }: Pick<View, 'length' | 'start'>): Pick<View, 'length' | 'start'> {
  const fitting = Math.max(1, Math.min(SEQUENCE_LENGTH, length));
  return { length: fitting, start: Math.max(0, Math.min(windowsIn(fitting) - 1, start)) };
}

/** As `10.1`, the length and the step of the start, counted from 1; behind them a guess in percent, or s for none. */
export function writeView({ length, start, guess }: View): string {
  const written = { none: [], skipped: ['s'] }[String(guess)] ?? [Math.round(100 * Number(guess))];
  return [length, start + 1, ...written].join('.');
}

export function readView(text: string): View | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(s|\d+))?$/.exec(text);
  if (!match) return undefined;
  const [length, start] = [Number(match[1]), Number(match[2]) - 1];
  const fitting = within({ length, start });
  if (fitting.length !== length || fitting.start !== start) return undefined;
  if (match[3] === undefined) return { length, start, guess: 'none' };
  return { length, start, guess: match[3] === 's' ? 'skipped' : Math.max(50, Math.min(100, Number(match[3]))) / 100 };
}
