import { ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';

/**
 * Checks the option `signal` of a call before anything changes.
 *
 * @throws ValueError unless it is an AbortSignal or left out; its reason if it is aborted already
 */
export function checkSignal(where: string, signal: unknown): void {
  if (signal === undefined) return;
  // A signal may come from another realm, such as a frame, so its class is not asked for.
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw new ValueError(`${where}: signal is ${show(signal)}, expected an AbortSignal: new AbortController().signal.`);
  }
  (signal as AbortSignal).throwIfAborted();
}

/** Settles as the promise does, or is rejected with the signal's reason as soon as that is aborted. */
export async function untilAborted<T>(promise: T | PromiseLike<T>, signal: AbortSignal): Promise<T> {
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
  });
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
