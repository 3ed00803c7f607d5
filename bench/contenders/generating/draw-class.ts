/**
 * Draws a class from probabilities, to the bit as `sampleClass` of `lstm-webgpu/data` does with its defaults, and so as
 * `stream.generate` does on the GPU. It checks and sorts nothing, which would take those who draw in JavaScript as long as
 * their networks.
 *
 * @param p float32 numbers, of which `classes` from number `start` on are the probabilities, all above 0
 * @param seed and `step` are whole numbers of 32 bits
 */
export function drawClass(p: Float32Array, start: number, classes: number, seed: number, step: number): number {
  let total = 0;
  for (let k = 0; k < classes; k++) total = Math.fround(total + p[start + k]);
  const goal = Math.fround(uniform(seed, step) * total);
  let sum = p[start];
  let k = 0;
  // Where rounding leaves a rest, the last class takes it.
  while (sum <= goal && k < classes - 1) sum = Math.fround(sum + p[start + ++k]);
  return k;
}

/** A number on the multiples of 2^-24 in [0, 1): the hash PCG3D of seed and step (Jarzynski & Olano 2020). */
function uniform(seed: number, step: number): number {
  let x = congruential(step);
  let y = congruential(seed);
  let z = congruential(0);
  for (let round = 0; round < 2; round++) {
    x = (x + Math.imul(y, z)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    if (round > 0) break;
    x ^= x >>> 16;
    y ^= y >>> 16;
    z ^= z >>> 16;
  }
  return (x >>> 8) / 2 ** 24;
}

function congruential(word: number): number {
  return (Math.imul(word, 1664525) + 1013904223) | 0;
}
