import type { Reading } from '../../../runtime/readback.ts';
import type { AgendaEntries } from '../../execution/agenda.ts';
import type { BoundProgram, SampleData } from './bound-program.ts';
import type { Report } from './report.ts';

/** Consecutive updates of one form that wait to be sent. */
export interface QueuedUpdates {
  bound: BoundProgram;
  entries: AgendaEntries;
  /** Samples that come with a single update and are written just before it, from number `first` on. */
  upload?: { first: number; data: SampleData };
  /** A read of results, which is submitted right after a single update. */
  reading?: Reading;
  /** Reads a single update's row of the journal. */
  report?: Report;
}

/** Updates that wait, of which the first may have been sent. */
export interface WaitingUpdates extends QueuedUpdates {
  sent: number;
}

/** The part of queued updates that goes into one submit: `count` of them from number `from` on. */
export interface Part {
  updates: QueuedUpdates;
  from: number;
  count: number;
}

/** Whether updates can go into one submit with others, which have parts for so many models. */
export function isLike(updates: QueuedUpdates, bound: BoundProgram, models: number): boolean {
  return updates.bound === bound && updates.entries.models.length === models;
}

export function countOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

/** Rejects the results of updates that will not run, and restores the reset marks that queueing them removed. */
export function failUpdates({ updates: { reading, report, entries }, from, count }: Part, error: unknown): void {
  reading?.fail(error);
  report?.fail(error);
  for (const { restoreMarks } of entries.models) restoreMarks?.(from, from + count);
}
