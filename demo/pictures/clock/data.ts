import { WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from '../../experiments/data/prepare-sequences.ts';
import { type State, step, type Weights, zeroState } from '../../network/step.ts';

// Four sequences pass, window by window, through a network whose states are never reset.

export const SEQUENCES = 4;
export const WINDOWS = WINDOWS_PER_SEQUENCE;
export const WINDOW_STEPS = WINDOW_LENGTH;
/** The steps of all windows of a sequence. */
export const SEQUENCE_STEPS = WINDOWS * WINDOW_STEPS;
export const STEPS = SEQUENCES * SEQUENCE_STEPS;

export type Bit = 0 | 1;

/** Sequences before the first one that is drawn: a network that is never reset is somewhere in the middle of its memories. */
const BEFORE: readonly Bit[] = [0, 1, 0];

export interface ClockState {
  /** With which number each sequence begins, which is also the answer to each of its windows. */
  answers: readonly Bit[];
  /** The step that is read. */
  at: number;
  /** The row that is read. */
  row: number;
}

export const FIRST: ClockState = { answers: [1, 0, 0, 1], at: 90, row: 3 };

export const notation = {
  read(text: string): ClockState | undefined {
    const [, bits, at, row] = /^([01]{4})\.(\d{1,3})\.(\d)$/.exec(text) ?? [];
    if (bits === undefined || Number(at) >= STEPS) return undefined;
    return { answers: bits.split('').map(Number) as Bit[], at: Number(at), row: Number(row) };
  },
  write: ({ answers, at, row }: ClockState): string => `${answers.join('')}.${at}.${row}`,
};

/** A window and what the network answers at its last step. */
export interface ClockWindow {
  sequence: number;
  /** In its sequence, counted from 0. */
  window: number;
  y: Bit;
  p: number;
  isRight: boolean;
}

export interface Clock {
  /** The cells in the order of their rows: the one that peaks first after a 1 is on top. */
  cells: readonly number[];
  /** The values of the cells, row by row and step by step: [cells, STEPS]. */
  c: Float64Array;
  /** The largest value of each row, regardless of its sign. */
  largest: Float64Array;
  /** The answer at each step, though the network is asked at the last step of a window alone. */
  p: Float64Array;
  windows: readonly ClockWindow[];
}

/** The number that the network reads at a step. */
export function inputAt(answers: readonly Bit[], at: number): Bit {
  return at % SEQUENCE_STEPS === 0 ? answers[at / SEQUENCE_STEPS] : 0;
}

/** How many steps before this one the last 1 was read. */
export function stepsSinceOne(answers: readonly Bit[], at: number): number {
  const sequence = Math.floor(at / SEQUENCE_STEPS);
  const last = [...BEFORE, ...answers.slice(0, sequence + 1)].lastIndexOf(1) - BEFORE.length;
  return at - last * SEQUENCE_STEPS;
}

/** A network where the picture begins. */
export interface Beginning {
  weights: Weights;
  state: State;
  /** Its cells in the order of their rows. */
  cells: readonly number[];
}

/** @param recorded as plain numbers, or trained */
export function beginningOf(recorded: Weights): Beginning {
  const weights = Object.fromEntries(
    Object.entries(recorded).map(([name, values]) => [name, Float64Array.from(values as ArrayLike<number>)]),
  ) as unknown as Weights;
  const state = runThrough(weights, BEFORE, zeroState(weights.headKernel.length));
  return { weights, state, cells: inOrderOfPeaks(weights, state) };
}

/** Runs the network over the sequences. */
export function runClock({ weights, state: begin, cells }: Beginning, answers: readonly Bit[]): Clock {
  const c = new Float64Array(cells.length * STEPS);
  const p = new Float64Array(STEPS);
  let state = begin;
  for (let at = 0; at < STEPS; at++) {
    const next = step(weights, inputAt(answers, at), state);
    cells.forEach((cell, row) => (c[row * STEPS + at] = next.c[cell]));
    p[at] = next.p;
    state = next;
  }
  const largest = Float64Array.from(cells, (_, row) => largestOf(c.subarray(row * STEPS, (row + 1) * STEPS)));
  const windows = Array.from({ length: SEQUENCES * WINDOWS }, (_, index): ClockWindow => {
    const y = answers[Math.floor(index / WINDOWS)];
    const answer = p[(index + 1) * WINDOW_STEPS - 1];
    return {
      sequence: Math.floor(index / WINDOWS),
      window: index % WINDOWS,
      y,
      p: answer,
      isRight: answer > 0.5 === (y === 1),
    };
  });
  return { cells, c, largest, p, windows };
}

function runThrough(weights: Weights, answers: readonly Bit[], begin: State, seen?: (state: State) => void): State {
  let state = begin;
  for (const answer of answers) {
    for (let at = 0; at < SEQUENCE_STEPS; at++) {
      state = step(weights, at === 0 ? answer : 0, state);
      seen?.(state);
    }
  }
  return state;
}

/**
 * The cells in the order in which they peak: by the step at which each holds the most, in the two sequences after a 1. So a
 * wave runs down the picture.
 */
function inOrderOfPeaks(weights: Weights, begin: State): number[] {
  const largest = begin.c.map(() => 0);
  const peak = begin.c.map(() => 0);
  let at = 0;
  runThrough(weights, [1, 0], begin, ({ c }) => {
    c.forEach((value, cell) => {
      if (Math.abs(value) > largest[cell]) [largest[cell], peak[cell]] = [Math.abs(value), at];
    });
    at++;
  });
  return [...peak.keys()].toSorted((a, b) => peak[a] - peak[b]);
}

const largestOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
