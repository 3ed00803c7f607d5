import type { StreamFacts } from './snapshot.ts';

export interface StreamOptions {
  /** A name that no other open stream of the model has, by which its snapshot is known. Default: `'stream_0'` and so on. */
  name?: string;
  /**
   * Keeps the gates, h and c of each step of the last push, for `inspect`. Pushes then take more time and memory, those into
   * other streams do not, and `output: 'gpu'` is refused. Default: false, and for a fork as its stream.
   */
  trace?: boolean;
}

/** The options of a new stream, and what it takes over from the stream or the snapshot from which it goes on. */
export interface StreamBeginning extends Partial<StreamFacts>, Pick<StreamOptions, 'trace'> {
  /** Resolves once it is known that the stream may be used, and rejects if it must not be. Absent if that is known already. */
  verified?: Promise<unknown>;
}
