import { expect, test } from 'vitest';
import { layerOf } from '../../../src/formats/build-model.ts';
import type { ArrayContents, ModelContents } from '../../../src/formats/contents.ts';
import { readTorch, readTorchWeights } from '../../../src/formats/torch/read-state-dict.ts';
import { writeTorch } from '../../../src/formats/torch/write-state-dict.ts';
import { LstmWebGpuError } from '../../../src/index.ts';
import { torchFiles, torchModules } from '../../golden/torch-modules.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import type { DrawnModel } from '../../reference/drawn-model.ts';
import { drawNumbers } from '../../reference/drawn-numbers.ts';
import { fixtureFile } from './fixtures.ts';
import { MUTATIONS, mutate } from './mutations.ts';

type Weights = readonly ArrayContents[];

const drawn = torchModules.map(({ layers, features, x }) => {
  const [rows, steps] = x.shape;
  return { layers, features, rows, steps, loss: 'meanSquaredError' } as unknown as DrawnModel;
});
const cases: [string, Pick<ModelContents, 'layers' | 'inputShape'>][] = [
  ...torchFiles.flatMap(({ files, layers, features }) =>
    files.map((file): (typeof cases)[0] => [file, { layers, inputShape: [null, features] }]),
  ),
  ...torchModules.map(({ file }, n): (typeof cases)[0] => {
    const { layers, inputShape } = contentsOf(drawn[n], drawNumbers(rng(1), drawn[n]).weights, null);
    return [file, { layers, inputShape }];
  }),
];

/** How many numbers differ, in their bits. */
function changedCount(a: Weights, b: Weights): number {
  const bits = (weights: Weights) => weights.flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
  const [before, after] = [bits(a), bits(b)];
  return before.filter((each, n) => each !== after[n]).length;
}

const shapes = (weights: Weights) => weights.map(({ shape }) => shape);

test.each(cases)(
  '%s with a random change is refused, or it is the same, or a number of it has changed',
  async (name, model) => {
    const file = await fixtureFile(name);
    const original = await readTorchWeights(name, file, model);
    const seed = randomSeed();
    let [refused, longest] = [0, 0];
    for (let n = 0; n < MUTATIONS; n++) {
      const { bytes, how } = mutate(file, seed + n);
      try {
        const weights = await readTorchWeights('mutated', bytes, model);
        expect(shapes(weights)).toEqual(shapes(original));
        // The largest piece that is set holds four numbers of half precision.
        expect(changedCount(original, weights)).toBeLessThan(5);
      } catch (error) {
        if (!(error instanceof LstmWebGpuError)) throw new Error(how, { cause: error });
        longest = Math.max(longest, error.message.length);
        refused++;
      }
    }
    expect(longest).toBeLessThan(700);
    expect(refused).toBeGreaterThan(MUTATIONS / 10);
  },
);

test('a model that this library saved, with a random change, is refused, or one number or option has changed', async () => {
  const [model] = drawn;
  const random = rng(randomSeed());
  const contents = contentsOf(model, drawNumbers(random, model).weights, 6);
  const file = (await writeTorch('saveModel', contents, 'a')).get('a')!;
  let refused = 0;
  for (let n = 0; n < 3 * MUTATIONS; n++) {
    const { bytes, how } = mutate(file, random.integer(0, 2 ** 31));
    try {
      const read = await readTorch('mutated', bytes);
      read.layers.map(layerOf);
      expect(read.layers.map(({ type }) => type)).toEqual(contents.layers.map(({ type }) => type));
      expect(shapes(read.weights!)).toEqual(shapes(contents.weights!));
      expect(changedCount(contents.weights!, read.weights!)).toBeLessThan(5);
    } catch (error) {
      if (!(error instanceof LstmWebGpuError)) throw new Error(how, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(MUTATIONS / 2);
});
