import { expect, test } from 'vitest';
import { layerOf } from '../../../src/formats/build-model.ts';
import type { ModelContents } from '../../../src/formats/contents.ts';
import { readKeras, writeKeras } from '../../../src/formats/keras/keras-file.ts';
import { readLegacy } from '../../../src/formats/keras/legacy-file.ts';
import { LstmWebGpuError } from '../../../src/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { drawContents } from './drawn-contents.ts';
import { fixtureFile } from './fixtures.ts';
import { MUTATIONS, mutate } from './mutations.ts';

const numbers = ({ weights, optimizerState }: ModelContents) =>
  [...weights!, ...Object.values(optimizerState?.moments ?? {}).flat()].flatMap(({ data }) => [...data]);
const structure = ({ layers, weights }: ModelContents) => [
  layers.map(({ type }) => type),
  weights!.map(({ shape }) => shape),
];

/** Reads damaged copies of a file. @returns how many were refused, and how many numbers changed at most in one that was not */
async function damage(file: Uint8Array, read: (where: string, file: Uint8Array) => Promise<ModelContents>) {
  const original = await read('test', file);
  const before = numbers(original);
  const seed = randomSeed();
  let [refused, changed] = [0, 0];
  for (let n = 0; n < MUTATIONS; n++) {
    const { bytes, how } = mutate(file, seed + n);
    try {
      const contents = await read('mutated', bytes);
      contents.layers.map(layerOf);
      expect(structure(contents)).toEqual(structure(original));
      const after = numbers(contents);
      changed = Math.max(changed, before.filter((value, index) => !Object.is(value, after[index])).length);
    } catch (error) {
      if (!(error instanceof LstmWebGpuError)) throw new Error(how, { cause: error });
      refused++;
    }
  }
  return { refused, changed };
}

test.each(['post_model', 'deep'])(
  'a damaged %s.keras is refused, since its checksums tell',
  async (name) => {
    const { refused, changed } = await damage(await fixtureFile(`keras3_${name}.keras`), readKeras);
    expect(refused).toBeGreaterThan(MUTATIONS * 0.8);
    expect(changed).toBe(0);
  },
  1_200_000,
);

test('a damaged file of this library is refused too', async () => {
  const [file] = [...(await writeKeras('test', drawContents(rng(randomSeed())), 'a')).values()];
  const { refused, changed } = await damage(file, readKeras);
  expect(refused).toBeGreaterThan(MUTATIONS * 0.8);
  expect(changed).toBe(0);
}, 1_200_000);

test.each(['post_model', 'deep'])(
  'a damaged %s.h5 is refused, or only the numbers there have changed',
  async (name) => {
    const { refused, changed } = await damage(await fixtureFile(`keras3_${name}.h5`), readLegacy);
    expect(refused).toBeGreaterThan(MUTATIONS / 10);
    // A piece of 8 bytes is two numbers.
    expect(changed).toBeLessThan(3);
  },
  1_200_000,
);
