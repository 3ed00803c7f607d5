import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ArrayContents, ModelContents } from '../../../src/formats/contents.ts';
import { readHdf5 } from '../../../src/formats/hdf5/hdf5.ts';
import type { Hdf5Group } from '../../../src/formats/hdf5/tree.ts';
import { readKeras, writeKeras } from '../../../src/formats/keras/keras-file.ts';
import { readLegacy, writeLegacy } from '../../../src/formats/keras/legacy-file.ts';
import { readWeightsFile, writeWeightsFile } from '../../../src/formats/keras/weights-file.ts';
import { readZip, writeZip } from '../../../src/formats/zip/zip.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { drawContents } from './drawn-contents.ts';
import { fixtureFile } from './fixtures.ts';

interface Recorded {
  readonly files: Readonly<Record<string, { readonly weights: readonly { shape: number[]; data: number[] }[] }>>;
}

const recorded = JSON.parse(
  readFileSync(new URL('../../golden/files/keras_fixtures.json', import.meta.url), 'utf8'),
) as Recorded;

const weightsIn = (model: string) => Object.entries(recorded.files).find(([name]) => name.includes(model))![1].weights;
const plain = (arrays: readonly ArrayContents[] | undefined) =>
  arrays?.map(({ shape, data }) => ({ shape: [...shape], data: [...data] }));
const rounded = (model: string) =>
  weightsIn(model).map(({ shape, data }) => ({ shape, data: [...new Float32Array(data.flat(Infinity) as number[])] }));
const only = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) => [...files.values()][0];

/** What a group holds by path, with `post_model` and `deep`, the names of the recorded models, as this library writes them. */
function flat(group: Hdf5Group, path = ''): Record<string, unknown> {
  const own = (text: string) => text.replaceAll(/\b(post_model|deep)(?=[/_]|$)/g, 'sequential');
  const attribute = (value: unknown): unknown => {
    if (typeof value === 'string') return value.startsWith('{') ? 'JSON' : own(value);
    return Array.isArray(value) ? value.map(attribute) : value;
  };
  return Object.assign(
    { [own(path)]: 'group' },
    ...[...group.attributes].map(([name, value]) => ({ [own(`${path}@${name}`)]: attribute(value) })),
    ...[...group.arrays].map(([name, value]) => ({ [own(`${path}/${name}`)]: value })),
    ...[...group.groups].map(([name, inner]) => flat(inner, `${path}/${name}`)),
  ) as Record<string, unknown>;
}

test.each(['post_model', 'deep'])('%s: .keras and .h5 hold the recorded weights, and the same model', async (name) => {
  const keras = await readKeras('test', await fixtureFile(`keras3_${name}.keras`));
  const legacy = await readLegacy('test', await fixtureFile(`keras3_${name}.h5`));
  expect(plain(keras.weights)).toEqual(rounded(name));
  expect(plain(legacy.weights)).toEqual(rounded(name));
  const form = (contents: ModelContents) => ({ ...contents, weights: 0, optimizerState: 0 });
  expect(form(legacy)).toEqual(form(keras));
  expect(plain(legacy.optimizerState?.moments.velocity)).toEqual(plain(keras.optimizerState?.moments.velocity));
});

test('the state of Adam after one step is read', async () => {
  const { optimizerState } = await readKeras('test', await fixtureFile('keras3_post_model.keras'));
  expect(optimizerState).toMatchObject({ iterations: 1, learningRate: 0.0010000000474974513 });
  const { momentum, velocity } = optimizerState!.moments;
  // After the first step both are a share of the gradient g: 0.1 g and 0.001 g².
  momentum.forEach(({ data }, index) =>
    data.forEach((m, n) =>
      expect(velocity[index].data[n] / ((m * 10) ** 2 / 1000 || 1)).toBeCloseTo(m === 0 ? 0 : 1, 3),
    ),
  );
  expect(momentum.flatMap(({ data }) => [...data]).filter((m) => m !== 0).length).toBeGreaterThan(40);
});

test('.weights.h5 is read for a model that exists, and refused for another', async () => {
  const model = await readKeras('test', await fixtureFile('keras3_post_model.keras'));
  const file = await fixtureFile('keras3_post_model.weights.h5');
  expect(plain(await readWeightsFile('test', file, model))).toEqual(rounded('post_model'));
  const other = await readKeras('test', await fixtureFile('keras3_deep.keras'));
  await expect(readWeightsFile('loadWeights: a', file, other)).rejects.toThrow(/^loadWeights: a: it has \d+ arrays/);
  const [first, second] = model.layers;
  const larger = { ...model, layers: [{ ...first, options: { ...first.options, units: 11 } }, second] };
  await expect(readWeightsFile('a', file, larger)).rejects.toThrow('has the shape [1, 40], expected [1, 44]');
  const less = { ...model, layers: [first] };
  await expect(readWeightsFile('a', file, less)).rejects.toThrow(/belong to no layer|arrays, expected 3/);
});

test.each(['post_model', 'deep'])('%s is written with the groups, attributes and types of Keras', async (name) => {
  const recordedFile = await fixtureFile(`keras3_${name}.keras`);
  const contents = await readKeras('test', recordedFile);
  const [before, after] = await Promise.all(
    [recordedFile, only(await writeKeras('test', contents, 'a'))].map((file) => readZip('test', file)),
  );
  expect([...after.keys()]).toEqual([...before.keys(), 'lstm_webgpu.json']);
  const weights = async (file: Uint8Array) => flat(await readHdf5('test', file));
  expect(await weights(after.get('model.weights.h5')!)).toEqual(await weights(before.get('model.weights.h5')!));
  expect(await weights(only(await writeWeightsFile('test', contents, 'a')))).toEqual(
    await weights(before.get('model.weights.h5')!),
  );
  const legacy = await fixtureFile(`keras3_${name}.h5`);
  expect(await weights(only(await writeLegacy('test', contents, 'a')))).toEqual(await weights(legacy));
});

test('what is written of random models is read again the same', async () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 12; n++) {
    const contents = drawContents(random);
    const keras = await readKeras('test', only(await writeKeras('test', contents, 'a')));
    expect(comparable(keras)).toEqual(comparable(contents));
    const rest = { ...contents, randomState: undefined, slots: undefined, states: undefined, position: undefined };
    const legacy = await readLegacy('test', only(await writeLegacy('test', contents, 'a')));
    expect(comparable(legacy)).toEqual(comparable({ ...rest, layers: withoutLastStep(rest.layers) }));
    const weights = await readWeightsFile('test', only(await writeWeightsFile('test', contents, 'a')), contents);
    expect(plain(weights)).toEqual(plain(contents.weights));
  }
});

/** Contents as plain data, without what is undefined and the names of arrays, which are those of the file. */
function comparable(contents: ModelContents): unknown {
  const { weights, optimizerState, states, ...rest } = contents;
  const moments = Object.entries(optimizerState?.moments ?? {}).map(([name, arrays]) => [name, plain(arrays)]);
  return JSON.parse(
    JSON.stringify({
      ...rest,
      weights: plain(weights),
      optimizerState: optimizerState && { ...optimizerState, moments: Object.fromEntries(moments) },
      states: states?.map(({ name, shape, data }) => ({ name, shape, data: [...data] })),
    }),
  );
}

/** The layers as a file without places for `lastStep` tells them. */
function withoutLastStep(layers: ModelContents['layers']): ModelContents['layers'] {
  return layers.flatMap((layer, index) => {
    if (layer.type === 'lastStep') return [];
    if (layers[index + 1]?.type !== 'lastStep') return [layer];
    const { returnSequences: _, ...options } = layer.options;
    return [{ ...layer, options }];
  });
}

/** What is said of the archive of a recorded model with some files changed, or left out where there is no text. */
async function refusalWith(changed: Readonly<Record<string, string | undefined>>): Promise<string> {
  const files = new Map(await readZip('test', await fixtureFile('keras3_post_model.keras')));
  for (const [name, text] of Object.entries(changed)) {
    if (text === undefined) files.delete(name);
    else files.set(name, new TextEncoder().encode(text));
  }
  const reading = readKeras('loadModel: a', await writeZip('test', files));
  return reading.then(
    () => 'read',
    (error: Error) => error.message,
  );
}

test('an archive without one of its files, or with one more, is refused by name', async () => {
  expect(await refusalWith({})).toBe('read');
  expect(await refusalWith({ 'config.json': undefined })).toContain('loadModel: a: the archive has no config.json');
  expect(await refusalWith({ 'model.weights.h5': undefined, 'model.weights.npz': '' })).toContain(
    'Save the model with',
  );
  expect(await refusalWith({ 'assets/words.txt': 'a' })).toContain('the archive has "assets/words.txt"');
});

test('what this library keeps in an archive is read whole or refused', async () => {
  const message = (extra: object) => refusalWith({ 'lstm_webgpu.json': JSON.stringify({ lastSteps: [], ...extra }) });
  const position = { epoch: 1, batch: 0 };
  expect(await message({ position })).toBe('read');
  expect(await message({ position: { ...position, step: 1 } })).toContain('lstm_webgpu.json.position.step is 1');
  expect(await message({ lastSteps: [{ index: 1, at: 2 }] })).toContain('lastSteps[0].at is 2');
  expect(await message({ randomState: { shuffle: [1] } })).toContain('randomState.dropout is missing');
  expect(await message({ states: ['h'] })).toContain('do not agree on whether there are states');
});

test('a model without weights, a file of weights alone and a model with branches are refused', async () => {
  const contents = await readKeras('test', await fixtureFile('keras3_deep.keras'));
  await expect(writeKeras('saveModel', { ...contents, weights: undefined }, 'a')).rejects.toThrow('no weights');
  await expect(readLegacy('loadModel: a.h5', await fixtureFile('keras3_post_model.weights.h5'))).rejects.toThrow(
    'loadModel: a.h5: there is no attribute model_config, so the file holds no whole model. It holds weights alone.',
  );
  await expect(readKeras('loadModel: a', await fixtureFile('keras3_func.keras'))).rejects.toThrow(
    /expected one output/,
  );
  await expect(readLegacy('loadModel: a', await fixtureFile('keras3_func.h5'))).rejects.toThrow(/expected one output/);
});
