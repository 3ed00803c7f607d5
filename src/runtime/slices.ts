/** Work that can pause after each of its pieces. A piece yields how much work it was, in multiply-adds. */
export type Sliced<T> = Generator<number, T>;

/**
 * The most work between two pauses, in multiply-adds: 3 ms on a server core of 2023, so that one a tenth as fast stays below
 * 50 ms. Work is counted and not timed, since clocks of browsers may tick coarsely or stand still.
 */
export const WORK_PER_SLICE = 2 ** 22;

/**
 * Runs work in slices, between which the event loop handles input, paints, and runs what else waits. Work that is less than a
 * slice runs at once.
 *
 * @param onPause is called after each pause; what it throws ends the work
 */
export async function inSlices<T>(work: Sliced<T>, onPause: () => void): Promise<T> {
  let done = 0;
  try {
    for (;;) {
      const next = work.next();
      if (next.done) return next.value;
      done += next.value;
      if (done < WORK_PER_SLICE) continue;
      done = 0;
      await eventLoop();
      onPause();
    }
  } finally {
    // Work that ends early may have something to close.
    work.return(undefined as never);
  }
}

/** Does work without a pause. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

/** Settles when the event loop has come round, by a message, since browsers delay nested timers by 4 ms and more. */
function eventLoop(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
