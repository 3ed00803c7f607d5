import type { MakeFrames, Plan } from './plan.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';
import type { Winners } from './winners.ts';

/** A way to do a piece of work; its name tells it from the others. */
export interface Way {
  readonly name: string;
}

/** A piece of work with several ways to do it, all to the same result but for rounding. */
export interface Question<W extends Way = Way> {
  /** Tells it from all other work on the same device, whatever model it is part of. */
  key: string;
  /** The first one is taken where nothing was measured. */
  ways: readonly W[];
  /** Multiply-adds, roughly: a little work is not worth measuring. */
  work: number;
  /** Records the work to be timed, or a part of it, on memory of its own. @returns its multiply-adds */
  rehearse: (way: W, stage: Stage) => number;
}

/** A plan and memory for a rehearsal, gone after it. */
export interface Stage {
  readonly plan: Plan;
  /** Labels tell tensors of a rehearsal apart. */
  tensor: (label: string, shape: Shape) => Tensor;
  frames: MakeFrames;
}

/** What was chosen, and why, in a few words for people. */
export interface Choice<W extends Way = Way> {
  way: W;
  why: string;
  /** Multiply-adds in a millisecond, so that work can be cut into dispatches of a length. */
  pace: number;
  /** Whether it is worth measuring, and nobody did. */
  isOpen: boolean;
}

/** With less work than this, in multiply-adds, all ways take about as long as it takes to send them. */
const WORTH_MEASURING = 5e6;

/** The way to take as far as is known. */
export function choose<W extends Way>(winners: Winners, { key, ways, work }: Question<W>): Choice<W> {
  const [byRule] = ways;
  const winner = winners.get(key);
  const won = ways.find(({ name }) => name === winner?.name);
  if (won) return { way: won, why: winner!.why, pace: winner!.pace, isOpen: false };
  const isOpen = ways.length > 1 && work >= WORTH_MEASURING && winners.isMeasuring;
  return { way: byRule, why: reason(), pace: winners.assumedPace, isOpen };

  function reason(): string {
    if (ways.length === 1) return 'the only way';
    if (work < WORTH_MEASURING) return 'by rule: too little work to measure';
    return winners.isMeasuring ? 'by rule: not measured yet' : 'by rule: measuring is off';
  }
}
