/** How many frequencies a spectrum has, and from how many samples it is made. */
export const [BINS, FRAME] = [129, 256];
/** How many samples further the next spectrum begins. */
const STEP = 128;

/**
 * The sizes of the frequencies in samples, frame by frame: a short-time Fourier transform.
 *
 * @param basis the rows of the transform, [2 BINS, FRAME]: the real parts of all frequencies, then the imaginary ones
 * @param into takes the spectra, [frames, BINS]
 */
export function spectra(basis: Float32Array, samples: Float32Array, into: Float32Array): void {
  for (let frame = 0; frame * STEP + FRAME <= samples.length; frame++) {
    for (let bin = 0; bin < BINS; bin++) {
      let [real, imaginary] = [0, 0];
      for (let n = 0; n < FRAME; n++) {
        const sample = samples[frame * STEP + n];
        real += sample * basis[bin * FRAME + n];
        imaginary += sample * basis[(BINS + bin) * FRAME + n];
      }
      into[frame * BINS + bin] = Math.sqrt(real * real + imaginary * imaginary);
    }
  }
}
