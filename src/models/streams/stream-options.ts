import type { StreamFacts } from './snapshot.ts';

export interface StreamOptions {
  /** A name that no other open stream of the model has, by which its snapshot is known. Default: `'stream_0'` and so on. */
  name?: string;
  /**
   * Keeps the gates, h and c of each step of the last push, for `inspect`. Pushes then take more time and memory, those into
   * other streams do not. Default: false, and for a fork as its stream.
   */
  trace?: boolean;
}

/** With what a stream begins that goes on from another one. */
export interface StreamBeginning extends Partial<StreamFacts>, Pick<StreamOptions, 'trace'> {
  /** Rejects if the stream must not be used, and settles otherwise; absent if it may be. */
  verified?: Promise<unknown>;
}
