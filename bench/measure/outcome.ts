import type { ContenderId } from '../contenders/names.ts';
import type { Work } from '../works/work.ts';
import type { Agreement } from './agreement.ts';
import type { Summary } from './statistics.ts';

/** What a contender needed for a work. All times are milliseconds of wall time for one piece, results read back. */
export interface Timing extends Summary {
  /** One each sample, which is `times` pieces in one go. */
  samples: number[];
  times: number;
  /** From nothing to the first result: model, kernels, first run. */
  firstCall: number;
  /** Absent where nobody else could tell what is right. */
  agreement?: Agreement;
}

export type Outcome = { contender: ContenderId } & (Timing | { failure: string });

/** A row of the table. */
export interface Row {
  work: Work;
  outcomes: Outcome[];
}

/** What a contender needed for the work of a row; nothing if it failed, or was not there. */
export function timingOf(row: Row | undefined, contender: ContenderId): Timing | undefined {
  return row?.outcomes.filter(isTiming).find((outcome) => outcome.contender === contender);
}

export function isTiming(outcome: Outcome): outcome is Outcome & Timing {
  return !('failure' in outcome);
}
