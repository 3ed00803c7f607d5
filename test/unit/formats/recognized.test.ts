import { expect, test } from 'vitest';
import { mainFile } from '../../../src/formats/formats.ts';
import { formatOf, loadModel } from '../../../src/formats/index.ts';
import type { Gpu } from '../../../src/index.ts';
import { fixtureFile } from './fixtures.ts';

test.each([
  ['post_i1_h10_b1_t20.onnx', 'onnx'],
  ['torch_post_i1_h10_b1_t20.safetensors', 'safetensors'],
  ['torch_lstm_cell.safetensors', 'safetensors'],
  ['tfjs_saved.model.json', 'tfjs'],
])('%s is told by its contents to be of format %s', async (name, format) => {
  const { format: found, name: main } = mainFile('test', new Map([['file', await fixtureFile(name)]]));
  expect([found.name, main]).toEqual([format, 'file']);
});

test('the format of files is told without reading them whole, and what is none is refused', async () => {
  const name = 'keras3_post_model';
  const formats = ['keras', 'h5', 'weights.h5'].map(async (ending) => formatOf(await fixtureFile(`${name}.${ending}`)));
  expect(await Promise.all(formats)).toEqual(['keras', 'h5', 'weights']);
  const json = await fixtureFile('tfjs_saved.model.json');
  expect(await formatOf({ 'model.json': json, 'weights.bin': new Uint8Array(3) })).toBe('tfjs');
  await expect(formatOf({ 'a.gif': new TextEncoder().encode('GIF89a') })).rejects.toThrow(
    'formatOf: "a.gif" begins with',
  );
});

test('the files of a folder of TensorFlow.js are found by the names in its model.json, and a state_dict is no whole model', async () => {
  const load = (files: object) => loadModel({} as Gpu, files as Record<string, Uint8Array<ArrayBuffer>>);
  const json = await fixtureFile('tfjs_saved.model.json');
  await expect(load({ 'model.json': json })).rejects.toThrow(
    'loadModel: model.json: it names the file "tfjs_saved.weights.bin", which is not given.',
  );
  const weights = new Uint8Array(3);
  await expect(load({ 'model.json': json, 'tfjs_saved.weights.bin': weights })).rejects.toThrow(
    'loadModel: model.json: "tfjs_saved.weights.bin" have 3 bytes, expected 1288 for the weights in them.',
  );
  const file = await fixtureFile('torch_post_i1_h10_b1_t20.safetensors');
  await expect(load({ 'lstm.safetensors': file })).rejects.toThrow(
    'loadModel: lstm.safetensors: a state_dict holds weights alone, here of "lstm" (LSTM, 1 to 10). Make the model with',
  );
});

test.each(['../weights.bin', '/weights.bin', 'a\\\\..\\\\weights.bin', 'https://elsewhere.example/weights.bin'])(
  'a model.json cannot name the file %s, which lies outside of its folder',
  async (name) => {
    const json = new TextDecoder().decode(await fixtureFile('tfjs_saved.model.json'));
    const files = { 'model.json': new TextEncoder().encode(json.replace('tfjs_saved.weights.bin', name)) };
    const beside = { [name.replaceAll('\\\\', '\\')]: new Uint8Array(1288) };
    await expect(loadModel({} as Gpu, { ...files, ...beside })).rejects.toThrow('which is not given');
  },
);
