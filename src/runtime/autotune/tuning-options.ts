import { adapterKey, isSoftwareAdapter } from '../adapter.ts';
import { inTime } from '../in-time.ts';
import type { TuningCacheOptions } from './tuning-cache.ts';
import { tuningStorage } from './tuning-storage.ts';

/** Whether candidates are timed, and how long results are kept: see `GpuOptions.tuning`. */
export const TUNINGS = ['remembered', 'session', 'off'] as const;
export type Tuning = (typeof TUNINGS)[number];

/** The longest wait for the tuning cache: storage may be blocked for good, for instance by another tab. */
const CACHE_LOADING_MS = 1000;

/** Reads the stored results for an adapter where they are to be remembered. */
export async function tuningOptions(
  device: GPUDevice,
  limits: GPUSupportedLimits,
  tuning: Tuning = isSoftwareAdapter(device.adapterInfo ?? {}) ? 'off' : 'remembered',
): Promise<TuningCacheOptions> {
  const isTuning = tuning !== 'off';
  if (tuning !== 'remembered') return { isTuning };
  const store = await tuningStorage().catch(() => undefined);
  if (!store) return { isTuning };
  const key = adapterKey(device, limits);
  // A tuning cache that cannot be read is as good as none: its tasks are tuned again.
  const stored = await inTime(
    store.load(key).catch(() => undefined),
    CACHE_LOADING_MS,
  );
  return { isTuning, stored, storage: { store, key } };
}
