import type { Gpu } from '../../../src/index.ts';

/** Where a job runs, and whom it tells how it goes. */
export interface Where<News = never> {
  gpu: Gpu;
  /** Ends it early. */
  signal: AbortSignal;
  tell: (news: News) => void;
}
