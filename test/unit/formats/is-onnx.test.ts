import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isOnnx } from '../../../src/formats/onnx/is-onnx.ts';

const FOLDER = 'test/golden/files';
const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test('recorded ONNX files are recognized, and recorded files of other formats are not', async () => {
  const names = await readdir(FOLDER);
  const isRecognized = await Promise.all(names.map(async (name) => isOnnx(await readFile(`${FOLDER}/${name}`))));
  expect(isRecognized).toEqual(names.map((name) => name.endsWith('.onnx')));
  expect(isRecognized).toContain(true);
});

test.each([
  ['a page', '<!DOCTYPE html>'],
  ['JSON', '{"modelTopology": {}}'],
  ['a zip archive', 'PK\x03\x04'],
  ['HDF5', '\x89HDF\r\n\x1a\n'],
  ['nothing', ''],
  ['fields without a graph', '\x08\x08\x12\x02ab'],
  ['a number that does not end', '\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x3a\x00'],
  ['a text of another length than its field says', '\x08\x08\x12\x60ab:'],
])('%s is not taken for ONNX', (_what, file) => {
  expect(isOnnx(bytes(file))).toBe(false);
});

test('a graph behind other fields is found, also where the file is cut off in it', () => {
  expect(isOnnx(bytes('\x08\x08\x12\x02ab\x3a\x7f'))).toBe(true);
});
