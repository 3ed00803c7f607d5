import { time } from '../experiments/words.ts';
import { CHUNK, MOST_SECONDS, RATE } from './sound.ts';

/** The largest file, in bytes: whole files are decoded at once, which takes many times their memory. */
const MOST_BYTES = 30e6;

/**
 * Reads a sound from a file of any format that the browser knows, at any rate.
 *
 * @returns samples at the rate of the detector: the mean of all channels
 * @throws Error with a sentence for the reader
 */
export async function readAudio(file: File): Promise<Float32Array<ArrayBuffer>> {
  const { name, size } = file;
  if (size > MOST_BYTES)
    throw new Error(`${name} has ${(size / 1e6).toFixed(1)} MB. Files of up to ${MOST_BYTES / 1e6} MB are read.`);
  // A folder can be dropped too, and has no bytes.
  const bytes = await file.arrayBuffer().catch(() => undefined);
  if (!bytes) throw new Error(`${name} cannot be read as a file.`);
  // Decoding brings a sound to the rate of the context.
  const buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes).catch(() => undefined);
  if (!buffer) throw new Error(`${name} is no sound that this browser can read. It reads WAV, MP3 and the like.`);
  if (buffer.duration > MOST_SECONDS)
    throw new Error(`${name} is ${time(buffer.duration)} long. Sounds of up to ${time(MOST_SECONDS)} are taken.`);
  if (buffer.length < CHUNK) throw new Error(`${name} is shorter than the 32 ms that the detector hears at a time.`);
  return meanOf(buffer);
}

function meanOf(buffer: AudioBuffer): Float32Array<ArrayBuffer> {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, index) => buffer.getChannelData(index));
  return Float32Array.from(
    channels[0],
    (_, n) => channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length,
  );
}
