import { zipSync, type Zippable } from 'fflate';
import { expect, test } from 'vitest';
import { ValueError } from '../../../src/index.ts';
import { readZip, writeZip } from '../../../src/formats/zip/zip.ts';
import { randomSeed } from '../../harness/random.ts';
import { fixtureFile, HDF5_FIXTURES } from './fixtures.ts';
import { MUTATIONS, mutate } from './mutations.ts';

const ARCHIVES = HDF5_FIXTURES.filter((name) => name.endsWith('.keras'));
const zip = (files: Zippable) => new Uint8Array(zipSync(files));
const text = (letters: string) => new TextEncoder().encode(letters) as Uint8Array<ArrayBuffer>;

/** Puts a number of four bytes at the first place behind a signature. */
function patched(bytes: Uint8Array<ArrayBuffer>, signature: string, offset: number, value: number) {
  const copy = bytes.slice();
  const at = Buffer.from(copy).indexOf(signature, 0, 'latin1');
  new DataView(copy.buffer).setUint32(at + offset, value, true);
  return copy;
}

test('what is written is read, and the same files give the same bytes', async () => {
  const files = new Map([
    ['a.json', text('{}')],
    ['folder/ü.bin', new Uint8Array(10_000).fill(7)],
    ['empty', text('')],
  ]);
  const bytes = await writeZip('test', files);
  expect(await readZip('test', bytes)).toEqual(files);
  expect(await writeZip('test', files)).toEqual(bytes);
  expect(bytes.length).toBeGreaterThan(10_000);
});

test.each(ARCHIVES)('%s has the three files of Keras', async (name) => {
  const files = await readZip(name, await fixtureFile(name));
  expect([...files.keys()]).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
});

test('compressed files are read', async () => {
  const files = new Map([
    ['zeros', new Uint8Array(300_000)],
    ['text', text('abc'.repeat(1000))],
  ]);
  expect(await readZip('test', zip(Object.fromEntries(files)))).toEqual(files);
});

test('sizes that lie are refused before memory is taken, and where more comes out than was said', async () => {
  const bomb = zip({ zeros: new Uint8Array(1_000_000) });
  await expect(readZip('test', patched(bomb, 'PK\x01\x02', 24, 0x7fffffff))).rejects.toThrow(
    /zeros would have 2147483647 bytes/,
  );
  await expect(readZip('test', patched(bomb, 'PK\x01\x02', 24, 999_999))).rejects.toThrow(
    /does not have the 999999 bytes/,
  );
  await expect(readZip('test', patched(bomb, 'PK\x01\x02', 24, 1_000_001))).rejects.toThrow(
    /does not have the 1000001 bytes/,
  );
});

test('a name that is there twice, encryption and an unknown compression are refused by name', async () => {
  const twice = zip({ 'one.txt': text('1'), 'two.txt': text('2') });
  const renamed = new Uint8Array(
    Buffer.from(Buffer.from(twice).toString('latin1').replaceAll('two.txt', 'one.txt'), 'latin1'),
  );
  await expect(readZip('test', renamed)).rejects.toThrow(/"one\.txt" is in it twice/);
  const one = zip({ one: text('1') });
  await expect(readZip('test', patched(one, 'PK\x01\x02', 8, 1))).rejects.toThrow(/one is encrypted/);
  await expect(readZip('test', patched(one, 'PK\x01\x02', 8, 12 << 16))).rejects.toThrow(/method 12, expected 0 or 8/);
  await expect(readZip('test', text('not a zip archive, but longer than its end'))).rejects.toThrow(ValueError);
});

test.each(ARCHIVES)(
  '%s: random damage ends in a clear error or in the right files',
  async (name) => {
    const original = await fixtureFile(name);
    const files = await readZip(name, original);
    const seed = randomSeed();
    for (let index = 0; index < MUTATIONS; index++) {
      const { bytes, how } = mutate(original, seed + index);
      const read = await readZip(name, bytes).catch((error: unknown) => error);
      const isRight = read instanceof ValueError || sameFiles(read as typeof files, files);
      expect(`${how}: ${isRight ? 'right' : String(read)}`).toBe(`${how}: right`);
    }
  },
  1_200_000,
);

function sameFiles(some: ReadonlyMap<string, Uint8Array>, others: ReadonlyMap<string, Uint8Array>): boolean {
  const isSame = ([name, bytes]: [string, Uint8Array]) => Buffer.from(bytes).equals(some.get(name) ?? new Uint8Array());
  return some.size === others.size && [...others].every(isSame);
}
