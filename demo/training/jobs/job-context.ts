import type { Gpu } from '../../../src/index.ts';

/** Given to every job beside its options: the device, when to end early, and where to tell how it goes. */
export interface JobContext<News = never> {
  gpu: Gpu;
  /** Ends it early. */
  signal: AbortSignal;
  tell: (news: News) => void;
  /** Hears what the page says to the job while it runs. */
  onMessage?: (message: unknown) => void;
}
