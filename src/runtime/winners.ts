import type { KeptWinner, WinnerMemory } from './winner-memory.ts';

/** The way that won where several were timed. */
export interface Winner extends KeptWinner {
  /** In a few words for people. */
  why: string;
}

export interface WinnersOptions {
  /** Whether ways are timed at all. */
  isMeasuring: boolean;
  /** Where winners are kept; without it they are forgotten with the GPU. */
  memory?: WinnerMemory;
  /** Those kept before, by key. */
  kept?: Record<string, KeptWinner>;
}

/** What has been found out about this adapter: for each piece of work, by its key, the way that is fastest. */
export class Winners {
  readonly isMeasuring: boolean;
  readonly #memory?: WinnerMemory;
  readonly #winners: Map<string, Winner>;

  constructor(
    private readonly adapterName: string,
    { isMeasuring, memory, kept = {} }: WinnersOptions,
  ) {
    this.isMeasuring = isMeasuring;
    this.#memory = memory;
    const why = 'won when it was measured before';
    this.#winners = new Map(Object.entries(kept).map(([key, winner]) => [key, { ...winner, why }]));
  }

  get(key: string): Winner | undefined {
    return this.#winners.get(key);
  }

  set(key: string, winner: Winner): void {
    this.#winners.set(key, winner);
  }

  /** Keeps all winners for the next page or process. */
  async keep(): Promise<void> {
    const kept = Object.fromEntries([...this.#winners].map(([key, { name, pace }]) => [key, { name, pace }]));
    // Where nothing may be stored, the next visit measures again.
    await this.#memory?.save(this.adapterName, kept).catch(() => {});
  }
}
