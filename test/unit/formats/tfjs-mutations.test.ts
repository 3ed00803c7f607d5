import { expect, test } from 'vitest';
import { layerOf } from '../../../src/formats/build-model.ts';
import type { ModelContents } from '../../../src/formats/contents.ts';
import { namesBesideTfjs, readTfjs } from '../../../src/formats/tfjs/read-layers-model.ts';
import { LstmWebGpuError } from '../../../src/index.ts';
import { randomSeed } from '../../harness/random.ts';
import { fixtureFile } from './fixtures.ts';
import { MUTATIONS, mutate } from './mutations.ts';

const NAMES = ['tfjs_float32', 'tfjs_float16', 'tfjs_uint16', 'tfjs_uint8', 'tfjs_saved'];

/** How many of the numbers of the weights differ. */
function changedCount(a: ModelContents, b: ModelContents): number {
  const [before, after] = [a, b].map(({ weights }) => weights!.flatMap(({ data }) => [...data]));
  return before.filter((value, n) => !Object.is(value, after[n])).length;
}

const structure = ({ layers, weights }: ModelContents) => [
  layers.map(({ type }) => type),
  weights!.map(({ shape }) => shape),
];

test.each(NAMES)('%s with a random change is refused, or a number or an option of it has changed', async (name) => {
  const json = await fixtureFile(`${name}.model.json`);
  const shards = namesBesideTfjs('test', json);
  const files = new Map(await Promise.all(shards.map(async (each) => [each, await fixtureFile(each)] as const)));
  const original = await readTfjs('test', json, files);
  const seed = randomSeed();
  let refused = 0;
  for (let n = 0; n < 2 * MUTATIONS; n++) {
    const isJson = n % 2 === 0;
    const [victim] = isJson ? ['model.json'] : shards.slice(n % shards.length);
    const { bytes, how } = mutate(isJson ? json : files.get(victim)!, seed + n);
    try {
      const read = await readTfjs(
        'mutated',
        isJson ? bytes : json,
        isJson ? files : new Map([...files, [victim, bytes]]),
      );
      read.layers.map(layerOf);
      expect(structure(read)).toEqual(structure(original));
      // A damaged scale of the JSON changes all numbers, a damaged piece of 8 bytes up to 8 of one byte.
      expect(changedCount(original, read)).toBeLessThan(isJson ? Infinity : 9);
    } catch (error) {
      if (!(error instanceof LstmWebGpuError)) throw new Error(`${victim}, ${how}`, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(MUTATIONS / 2);
});
