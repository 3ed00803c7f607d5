/** The hash PCG3D of three words to three (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", listing 1). */
export function pcg3d(words: readonly [number, number, number]): [number, number, number] {
  let [x, y, z] = words.map((word) => (Math.imul(word, 1664525) + 1013904223) >>> 0);
  const stir = () => {
    x = (x + Math.imul(y, z)) >>> 0;
    y = (y + Math.imul(z, x)) >>> 0;
    z = (z + Math.imul(x, y)) >>> 0;
  };
  stir();
  x = (x ^ (x >>> 16)) >>> 0;
  y = (y ^ (y >>> 16)) >>> 0;
  z = (z ^ (z >>> 16)) >>> 0;
  stir();
  return [x, y, z];
}

/** The factor of each element under dropout. */
export function dropoutFactors(count: number, rate: number, seed: number, stream: number): Float64Array {
  const kept = rate === 1 ? 0 : 1 / (1 - rate);
  return Float64Array.from({ length: count }, (_, element) => {
    const [bits] = pcg3d([element, seed, stream]);
    return (bits >>> 8) / 2 ** 24 < Math.fround(rate) ? 0 : kept;
  });
}
