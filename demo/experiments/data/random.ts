/** Seeds are whole numbers from 0 to this one. */
export const LARGEST_SEED = 2 ** 32 - 1;

/** Random numbers in [0, 1) that depend on the seed alone: Tommy Ettinger's mulberry32. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` different whole numbers below `limit`, drawn without order: the first steps of Fisher and Yates' shuffle. */
export function choose(limit: number, count: number, next: () => number): number[] {
  const numbers = Array.from({ length: limit }, (_, index) => index);
  for (let place = 0; place < count; place++) {
    const drawn = place + Math.floor(next() * (limit - place));
    [numbers[place], numbers[drawn]] = [numbers[drawn], numbers[place]];
  }
  return numbers.slice(0, count);
}
