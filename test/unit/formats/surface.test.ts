import { expect, test } from 'vitest';
import { mainFile } from '../../../src/formats/formats.ts';
import {
  backupAndRestore,
  download,
  indexedDbStorage,
  loadModel,
  memoryStorage,
  modelCheckpoint,
  opfsStorage,
  saveModel,
  verifyModel,
  type Verification,
} from '../../../src/formats/index.ts';
import type { Gpu, Model } from '../../../src/index.ts';
import { filesOfContents } from '../../../src/formats/save-model.ts';
import { errorOf } from '../../harness/error-of.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { drawContents } from './drawn-contents.ts';

const gpu = {} as Gpu;
/** How a zip archive begins. */
const ARCHIVE = 'PK\x03\x04';
const text = (content: string) => new TextEncoder().encode(content);

test('a file of no known format is refused with how it begins', async () => {
  await expect(loadModel(gpu, new File([text('GIF89a…')], 'a.gif'))).rejects.toThrow(
    'loadModel: "a.gif" begins with the bytes 47 49 46 38 39 61 e2 80, as none of the formats .keras',
  );
  await expect(loadModel(gpu, text('<!DOCTYPE html>'))).rejects.toThrow('It is a web page: is the address right?');
  await expect(loadModel(gpu, text(''))).rejects.toThrow('loadModel: the file is empty, as none of the formats');
  await expect(loadModel(gpu, {})).rejects.toThrow('loadModel: got no files');
});

test('a file beside one that does not name it is refused, and so are two models', async () => {
  const model = text(ARCHIVE);
  await expect(loadModel(gpu, { 'a.keras': model, 'b.bin': text('b') })).rejects.toThrow(
    'loadModel: a.keras: it does not name the file "b.bin"',
  );
  await expect(loadModel(gpu, { a: model, b: model })).rejects.toThrow('both "a" and "b" hold a model');
});

test('a shard of TensorFlow.js that begins like a file of another format is not taken for one', () => {
  const files = new Map([
    ['shard', text(ARCHIVE)],
    ['model.json', text('{}')],
  ]);
  expect(mainFile('loadModel', files).name).toBe('model.json');
});

test('a file that tells nothing by its contents is of the format that its name tells, unless it is a page', () => {
  const broken = text('\xff');
  expect(mainFile('loadModel', new Map([['A.ONNX', broken]])).format.name).toBe('onnx');
  expect(() => mainFile('loadModel', new Map([['a.bin', broken]]))).toThrow('"a.bin" begins with the bytes');
  expect(() => mainFile('loadModel', new Map([['a.onnx', text('<html>')]]))).toThrow('It is a web page');
});

test('files beside the main one are named from its folder', async () => {
  const files = { 'folder/a.keras': text(ARCHIVE), 'folder/b.bin': text('b') };
  await expect(loadModel(gpu, files)).rejects.toThrow('it does not name the file "folder/b.bin"');
});

test('options of saveModel and loadModel are checked before anything is read', async () => {
  const model = {} as Model;
  const save = (options: unknown) => saveModel(model, options as { format: 'keras' });
  await expect(save({ format: 'pickle' })).rejects.toThrow('saveModel: format is "pickle", expected one of "keras"');
  await expect(save({ file: 'a' })).rejects.toThrow('there is no option "file". The options are format, states, name.');
  await expect(save({ format: 'onnx', states: true })).rejects.toThrow('format "onnx" has no room for states');
  await expect(save({ name: '' })).rejects.toThrow('saveModel: name: got ""');
  await expect(loadModel(gpu, '', { batch: 1 } as object)).rejects.toThrow('loadModel: there is no option "batch"');
});

test('memoryStorage holds the last file that was written', async () => {
  const storage = memoryStorage();
  expect(await storage.read()).toBeUndefined();
  const file = new File(['a'], 'a');
  await storage.write(file);
  expect(await storage.read()).toBe(file);
  await storage.delete();
  expect(await storage.read()).toBeUndefined();
});

test.each([memoryStorage(), indexedDbStorage('a'), opfsStorage('a')])(
  'a storage takes files alone',
  async (storage) => {
    await expect(storage.write('text' as never)).rejects.toThrow('write: got "text", expected a File');
    await expect(storage.write(new Blob(['a']) as never)).rejects.toThrow('write: got a Blob, expected a File');
  },
);

test('the name of a saved file has the ending of its format once', async () => {
  const contents = drawContents(rng(randomSeed()));
  const nameOf = async (name: string) => (await filesOfContents('saveModel', contents, 'keras', name))[0].name;
  expect(await nameOf('model')).toBe('model.keras');
  expect(await nameOf('model.keras')).toBe('model.keras');
  expect(await nameOf('model.v2')).toBe('model.v2.keras');
});

test('storages that need a browser say so elsewhere', async () => {
  await expect(indexedDbStorage('a').read()).rejects.toThrow('indexedDbStorage("a"): there is no IndexedDB here');
  await expect(opfsStorage('a/b').write(new File([], 'b'))).rejects.toThrow('opfsStorage("a/b"): there is no origin');
  expect(errorOf(() => opfsStorage('a/../b')).message).toContain('the path has an empty part, "." or ".."');
  expect(errorOf(() => indexedDbStorage('')).message).toContain('indexedDbStorage: got "", expected a name');
  expect(errorOf(() => download(new File([], 'a'))).message).toContain('download: there is no page here');
});

test.each([
  [() => modelCheckpoint(7 as never), 'modelCheckpoint: got 7, expected a path such as'],
  [
    () => modelCheckpoint(memoryStorage(), { saveFreq: 0 }),
    'saveFreq is 0, expected "epoch" or a positive whole number of batches',
  ],
  [() => modelCheckpoint(memoryStorage(), { saveFreq: 2, saveBestOnly: true }), 'saveBestOnly needs saveFreq "epoch"'],
  [() => modelCheckpoint(memoryStorage(), { mode: 'best' as never }), 'modelCheckpoint: mode is "best"'],
  [() => modelCheckpoint(memoryStorage(), { initialValueThreshold: NaN }), 'initialValueThreshold is NaN'],
  [() => modelCheckpoint(memoryStorage(), { saveBestOnly: 1 as never }), 'saveBestOnly is 1, expected true or false'],
  [() => modelCheckpoint(memoryStorage(), { period: 1 } as never), 'there is no option "period"'],
  [() => modelCheckpoint('best.h5'), 'the path is "best.h5", expected one that ends in ".keras"'],
  [() => modelCheckpoint('folder/.keras'), 'the path is "folder/.keras"'],
  [() => modelCheckpoint('a.keras', { saveWeightsOnly: true }), 'ends in ".weights.h5" with saveWeightsOnly: true'],
  [() => modelCheckpoint('{epoch:x}.keras'), 'has braces that are no field'],
  [() => modelCheckpoint('a.keras', { storage: 7 as never }), 'storage is 7, expected a function'],
  [
    () => modelCheckpoint(memoryStorage(), { storage: indexedDbStorage }),
    'the option storage makes the place for a path, but the first argument is a storage',
  ],
  [() => backupAndRestore({} as never), 'backupAndRestore: got {}, expected a storage'],
  [() => backupAndRestore(memoryStorage(), { saveFreq: 'batch' as never }), 'saveFreq is "batch"'],
  [() => backupAndRestore(memoryStorage(), { deleteCheckpoint: 1 as never }), 'deleteCheckpoint is 1'],
  [() => backupAndRestore(memoryStorage(), { backupDir: 'a' } as never), 'there is no option "backupDir"'],
])('options of callbacks are checked: %#', (make, message) => {
  expect(errorOf(make).message).toContain(message);
});

/** A model whose outputs are its inputs. */
const echo = { predictOnBatch: async (x: number[]) => ({ data: Float32Array.from(x) }) } as unknown as Model;

test.each<[string, { x: number[]; y: unknown }[], Verification]>([
  [
    'the largest difference',
    [
      { x: [1, 2], y: [[1], [2.5]] },
      { x: [3], y: { data: [4], shape: [1] } },
    ],
    { worst: 1, at: { batch: 1, element: 0, got: 3, expected: 4 }, count: 3 },
  ],
  [
    'an output that is NaN',
    [
      { x: [NaN, 1], y: [1, 9] },
      { x: [1], y: [99] },
    ],
    { worst: NaN, at: { batch: 0, element: 0, got: NaN, expected: 1 }, count: 3 },
  ],
  [
    'no difference',
    [{ x: [Infinity, NaN], y: new Float32Array([Infinity, NaN]) }],
    { worst: 0, at: { batch: 0, element: 0, got: Infinity, expected: Infinity }, count: 2 },
  ],
])('verifying tells %s', async (_what, samples, expected) => {
  expect(await verifyModel(echo, samples as never)).toEqual(expected);
});

test('verifyModel refuses samples that cannot be compared with outputs', async () => {
  await expect(verifyModel(echo, [])).rejects.toThrow('verifyModel: got no samples');
  await expect(verifyModel(echo, [{ x: [1], y: [1, 2] }])).rejects.toThrow(
    'verifyModel: y of batch 0 has 2 numbers, but the model gives 1 for its x.',
  );
  await expect(verifyModel(echo, [{ x: [1], y: ['1'] as never }])).rejects.toThrow('y holds "1", expected numbers');
});
