import { runJob, Stopped } from '../training/client.ts';
import type { Recording } from './recording.ts';
import { CHUNK, MOST_SECONDS, RATE } from './sound.ts';

/** A sound, piece by piece: each is a number of whole chunks. */
export type Pieces = Iterable<Float32Array> | AsyncIterable<Float32Array>;

/** The pieces of a sound that is there already. They are short enough to be drawn one by one. */
export function* piecesOf(samples: Float32Array): Generator<Float32Array> {
  const whole = samples.length - (samples.length % CHUNK);
  for (let first = 0; first < whole; first += 8 * CHUNK)
    yield samples.subarray(first, Math.min(whole, first + 8 * CHUNK));
}

/**
 * Has the detector hear a sound, until its end or until `signal` is aborted.
 *
 * @param recording takes what was heard
 * @param tell called after each piece
 */
export async function listen(
  pieces: Pieces,
  recording: Recording,
  signal: AbortSignal,
  tell: () => void,
): Promise<void> {
  let begins = true;
  for await (const samples of pieces) {
    // A piece is a copy: else the whole sound would be sent with it.
    const heard = await runJob('voice', { samples: samples.slice(), begins }, { signal }).catch((error: unknown) => {
      if (error instanceof Stopped) return undefined;
      throw error;
    });
    if (!heard) return;
    begins = false;
    recording.add(samples, heard.probabilities, heard.seconds);
    tell();
    if (signal.aborted || recording.probabilities.length >= (MOST_SECONDS * RATE) / CHUNK) return;
  }
}
