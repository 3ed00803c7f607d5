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

export type Outcome<I extends string = ContenderId> = { contender: I } & (Timing | { failure: string });

/** A row of a table. */
export interface Row<I extends string = ContenderId> {
  work: Work;
  outcomes: Outcome<I>[];
}

/** What a contender needed for the work of a row; nothing if it failed, or was not there. */
export function timingOf<I extends string>(row: Row<I> | undefined, contender: NoInfer<I>): Timing | undefined {
  return row?.outcomes.filter(isTiming).find((outcome) => outcome.contender === contender);
}

export function isTiming<I extends string>(outcome: Outcome<I>): outcome is Outcome<I> & Timing {
  return !('failure' in outcome);
}
