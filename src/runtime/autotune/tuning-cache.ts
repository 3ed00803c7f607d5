import { digest } from '../digest.ts';
import { sourceOf, type KernelCode } from '../kernel.ts';
import type { StoredBest, TuningStorage } from './tuning-storage.ts';

/** The identity of a tuning task. */
export interface TaskIdentity {
  /** Tells the task from all others on the same device, whatever model it is part of. */
  key: string;
  /** Every kernel that a candidate may run: what was measured with other sources no longer counts. */
  kernels: readonly KernelCode[];
}

/** The candidate that was fastest where several were timed, or that a rule chose where none could be. */
export interface Best {
  /** Name of the candidate. */
  name: string;
  /** Its multiply-adds per millisecond. */
  throughput: number;
  /** The reason in a few words, as `explain()` shows it. */
  why: string;
  /** Whether it was measured; what a rule chose is not stored. */
  isMeasured: boolean;
}

export interface TuningCacheOptions {
  /** Whether candidates are timed at all. */
  isTuning: boolean;
  /** Where results are stored, and under which key; without it they are forgotten with the GPU. */
  storage?: { store: TuningStorage; key: string };
  /** The value that was read from the storage: earlier results, or anything else, since others can write there too. */
  stored?: unknown;
}

/** The best candidate of each task on this adapter. A result is valid as long as the sources of the task's kernels are. */
export class TuningCache {
  readonly isTuning: boolean;
  readonly #storage: TuningCacheOptions['storage'];
  readonly #best = new Map<string, Best & StoredBest>();
  #saving: Promise<void> = Promise.resolve();

  constructor({ isTuning, storage, stored }: TuningCacheOptions) {
    this.isTuning = isTuning;
    this.#storage = storage;
    const why = 'fastest when it was measured before';
    for (const [key, best] of Object.entries(stored ?? {})) {
      if (isStoredBest(best)) this.#best.set(key, { ...best, why, isMeasured: true });
    }
  }

  get({ key, kernels }: TaskIdentity): Best | undefined {
    const best = this.#best.get(key);
    return best?.kernels === digestOf(kernels) ? best : undefined;
  }

  set({ key, kernels }: TaskIdentity, best: Best): void {
    this.#best.set(key, { ...best, kernels: digestOf(kernels) });
  }

  /**
   * Stores what was measured for the next page or process. Nobody has to wait for that, and it never fails: where nothing
   * can be stored, the next visit measures again.
   */
  save(): void {
    if (!this.#storage) return;
    const { store, key } = this.#storage;
    // One after the other, since two that write the same file at once would mix.
    this.#saving = this.#saving.then(() => store.save(key, this.#measured())).catch(() => {});
  }

  #measured(): Record<string, StoredBest> {
    const measured = [...this.#best].filter(([, { isMeasured }]) => isMeasured);
    return Object.fromEntries(
      measured.map(([key, { name, throughput, kernels }]) => [key, { name, throughput, kernels }]),
    );
  }
}

/** Digests by list of kernels: tasks of a kind share a list, whose sources are hashed once. */
const digests = new WeakMap<readonly KernelCode[], string>();

function digestOf(kernels: readonly KernelCode[]): string {
  let known = digests.get(kernels);
  if (known === undefined) {
    known = digest(kernels.map(sourceOf).join('\n'));
    digests.set(kernels, known);
  }
  return known;
}

/** Whether something that was stored is a result: a throughput that is no positive number must not cut work. */
function isStoredBest(stored: unknown): stored is StoredBest {
  const { name, throughput, kernels } = (stored ?? {}) as Partial<Record<keyof StoredBest, unknown>>;
  return typeof name === 'string' && typeof kernels === 'string' && isThroughput(throughput);
}

/** Whether there can be so many multiply-adds in a millisecond: a finite positive number. */
export function isThroughput(throughput: unknown): throughput is number {
  return typeof throughput === 'number' && Number.isFinite(throughput) && throughput > 0;
}
