import { SEQUENCE_LENGTH, UNITS } from '../../experiments/data/sequences.ts';
import { step, zeroState, type Step, type Weights } from '../../network/step.ts';
import type { Notation } from '../../page/address.ts';

/** Steps of a sequence. */
export const LENGTH = SEQUENCE_LENGTH;
export const SEQUENCES = 3;
export const STEPS = SEQUENCES * LENGTH;
/** Cells of the network. */
export const CELLS = UNITS;

/** When the memory starts from zero: at each sequence, never again, or at each step. */
export type Mode = 'reset' | 'never' | 'stateless';

export const MODES: ReadonlyMap<Mode, string> = new Map([
  ['reset', 'Reset at each sequence'],
  ['never', 'Never reset'],
  ['stateless', 'Stateless'],
]);

/** A place on the tape. Both are counted from 0. */
export interface Place {
  step: number;
  cell: number;
}

export interface TapeState extends Place {
  mode: Mode;
  /** On how many sequences the network was trained. */
  seen: number;
  /** The steps whose number is a 1, in ascending order; all others are 0. */
  ones: readonly number[];
}

/** The recorded training, which is longer than one that is done here, ends after so many sequences. */
const MOST_SEEN = 1000;

/** The targets are 1, 0 and 1. The place is that where a memory that was not cleared shows. */
export const FIRST: TapeState = { mode: 'reset', seen: MOST_SEEN, ones: [0, 40], step: 20, cell: 0 };

/** A step of the network over the tape. */
export interface Reading extends Step {
  x: number;
  /** The right answer, which is the first number of the sequence. */
  y: number;
  /** The cells before the step. */
  before: Float64Array;
  isRight: boolean;
}

export function startsFromZero(mode: Mode, step: number): boolean {
  return step === 0 || mode === 'stateless' || (mode === 'reset' && step % LENGTH === 0);
}

/** Lets a network read the whole tape. */
export function readTape(weights: Weights, { mode, ones }: Pick<TapeState, 'mode' | 'ones'>): Reading[] {
  const input = (index: number): number => (ones.includes(index) ? 1 : 0);
  const readings: Reading[] = [];
  for (let index = 0; index < STEPS; index++) {
    const state = startsFromZero(mode, index) ? zeroState(CELLS) : readings[index - 1];
    const [x, y] = [input(index), input(index - (index % LENGTH))];
    const next = step(weights, x, state);
    readings.push({ ...next, x, y, before: state.c, isRight: next.p > 0.5 === (y === 1) });
  }
  return readings;
}

/** The steps with a 1 after one of them was changed. */
export function flipped(ones: readonly number[], step: number): number[] {
  return ones.includes(step) ? ones.filter((one) => one !== step) : [...ones, step].sort((a, b) => a - b);
}

/** The place next to another, after an arrow key; it stays on the tape. */
export function moved({ step, cell }: Place, key: string): Place | undefined {
  const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  const [right, down] = MOVES[key] ?? [0, 0];
  return key in MOVES ? { step: within(step + right, STEPS), cell: within(cell + down, CELLS) } : undefined;
}

/** How many steps to the right and cells down a key goes. */
const MOVES: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-STEPS, 0],
  End: [STEPS, 0],
};

/** The state in the address, such as `never.1000.0-40.20.0`; behind the sequences stand the steps with a 1. */
export const NOTATION: Notation<TapeState> = {
  write: ({ mode, seen, ones, step, cell }) => [mode, seen, ones.join('-') || 'none', step, cell].join('.'),
  read(text) {
    const parts = /^(\w+)\.(\d+)\.(none|\d+(?:-\d+)*)\.(\d+)\.(\d+)$/.exec(text);
    if (!parts) return undefined;
    const [, mode, seen, list] = parts;
    const [step, cell] = [Number(parts[4]), Number(parts[5])];
    if (Number(seen) > MOST_SEEN) return undefined;
    const ones = list === 'none' ? [] : [...new Set(list.split('-').map(Number))].sort((a, b) => a - b);
    if (!MODES.has(mode as Mode) || [step, ...ones].some((index) => index >= STEPS) || cell >= CELLS) return undefined;
    return { mode: mode as Mode, seen: Number(seen), ones, step, cell };
  },
};
