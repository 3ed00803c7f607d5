/** The samples of a second of the sound that the detector hears. */
export const RATE = 16_000;

/** The samples of a chunk, to each of which the detector gives a probability: 32 ms. */
export const CHUNK = 512;

/** The chunks of a second. */
export const CHUNKS_PER_SECOND = RATE / CHUNK;

/** Longer sounds are not taken, so that what is kept and drawn of them stays small. */
export const MOST_SECONDS = 600;
