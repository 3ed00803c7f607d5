import type { KeptWinner, WinnerMemory } from './winner-memory.ts';

/** The way that won where several were timed, or that a rule chose where none could be. */
export interface Winner extends KeptWinner {
  /** In a few words for people. */
  why: string;
  /** Whether it was measured; what a rule chose is not stored. */
  isMeasured: boolean;
}

export interface WinnersOptions {
  /** Whether ways are timed at all. */
  isMeasuring: boolean;
  /** Multiply-adds in a millisecond where nothing was measured. */
  assumedPace: number;
  /** Where winners are kept, and under which key; without it they are forgotten with the GPU. */
  memory?: { store: WinnerMemory; key: string };
  /** What was stored there before, whatever that is. */
  kept?: unknown;
}

/** What has been found out about this adapter: for each piece of work, by its key, the way that is fastest. */
export class Winners {
  readonly isMeasuring: boolean;
  readonly assumedPace: number;
  readonly #memory: WinnersOptions['memory'];
  readonly #winners = new Map<string, Winner>();
  #saving: Promise<void> = Promise.resolve();

  constructor({ isMeasuring, assumedPace, memory, kept }: WinnersOptions) {
    this.isMeasuring = isMeasuring;
    this.assumedPace = assumedPace;
    this.#memory = memory;
    const why = 'won when it was measured before';
    for (const [key, winner] of Object.entries(kept ?? {})) {
      if (isKeptWinner(winner)) this.set(key, { ...winner, why, isMeasured: true });
    }
  }

  get(key: string): Winner | undefined {
    return this.#winners.get(key);
  }

  set(key: string, winner: Winner): void {
    this.#winners.set(key, winner);
  }

  /**
   * Keeps what was measured for the next page or process. Nobody has to wait for that, and it never fails: where nothing
   * can be stored, the next visit measures again.
   */
  keep(): void {
    if (!this.#memory) return;
    const { store, key } = this.#memory;
    // One after the other, since two that write the same file at once would mix.
    this.#saving = this.#saving.then(() => store.save(key, this.#measured())).catch(() => {});
  }

  #measured(): Record<string, KeptWinner> {
    const measured = [...this.#winners].filter(([, { isMeasured }]) => isMeasured);
    return Object.fromEntries(measured.map(([key, { name, pace }]) => [key, { name, pace }]));
  }
}

/** Whether something that was stored is a winner: a pace that is no positive number must not cut work. */
function isKeptWinner(stored: unknown): stored is KeptWinner {
  const { name, pace } = (stored ?? {}) as Partial<Record<keyof KeptWinner, unknown>>;
  return typeof name === 'string' && isPace(pace);
}

/** Whether so many multiply-adds in a millisecond can be: a finite positive number. */
export function isPace(pace: unknown): pace is number {
  return typeof pace === 'number' && Number.isFinite(pace) && pace > 0;
}
