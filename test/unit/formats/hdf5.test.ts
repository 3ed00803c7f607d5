import { expect, test } from 'vitest';
import { ValueError } from '../../../src/index.ts';
import { readHdf5, writeHdf5 } from '../../../src/formats/hdf5/hdf5.ts';
import { allArrays, arrayAt, groupAt, type Hdf5Attribute, type Hdf5Group } from '../../../src/formats/hdf5/tree.ts';
import { fixture, HDF5_FIXTURES } from './fixtures.ts';
import { MUTATIONS, mutate } from './mutations.ts';
import { randomSeed } from '../../harness/random.ts';

const group = (parts: Partial<Hdf5Group>): Hdf5Group => ({
  attributes: new Map(),
  groups: new Map(),
  arrays: new Map(),
  ...parts,
});

test.each(HDF5_FIXTURES)('%s: what is read is written and read again the same', async (name) => {
  const tree = await readHdf5(name, await fixture(name));
  expect(await readHdf5(name, await writeHdf5(name, tree))).toEqual(tree);
});

test('numbers, texts and lists of them are found at their paths', async () => {
  const tree = await readHdf5('test', await fixture('keras3_post_model.h5'));
  expect(tree.attributes.get('keras_version')).toBe('3.15.1');
  const weights = groupAt(tree, ['model_weights', 'head'])!;
  expect(weights.attributes.get('weight_names')).toEqual(['post_model/head/kernel', 'post_model/head/bias']);
  expect(arrayAt(weights, ['post_model', 'head', 'kernel'])!.shape).toEqual([10, 1]);
  expect(allArrays(groupAt(tree, ['optimizer_weights'])!).get('adam/iteration')).toEqual({
    shape: [],
    data: new BigInt64Array([1n]),
  });
  expect(arrayAt(tree, ['model_weights', 'body', 'kernel'])).toBeUndefined();
});

test('a group of hundreds of names and a text of 60,000 letters are written and read', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `ünit ${index}`);
  const attributes = new Map<string, Hdf5Attribute>([
    ['long', 'x'.repeat(60_000)],
    ['names', names],
  ]);
  const arrays = new Map(names.map((name, index) => [name, { shape: [1], data: new Float32Array([index]) }] as const));
  const tree = group({ attributes, groups: new Map([['many', group({ arrays })]]) });
  const read = await readHdf5('test', await writeHdf5('test', tree));
  expect(read.attributes).toEqual(attributes);
  expect(new Map(read.groups.get('many')!.arrays)).toEqual(arrays);
});

test('what is no HDF5 file, or one that is cut off, is refused with the place', async () => {
  const bytes = await fixture('keras3_post_model.weights.h5');
  await expect(readHdf5('loadModel: m.h5', bytes.slice(0, 5000))).rejects.toThrow(ValueError);
  await expect(readHdf5('loadModel: m.h5', bytes.slice(0, 5000))).rejects.toThrow(/^loadModel: m\.h5: .* at byte 40 /);
  await expect(readHdf5('loadModel: m.h5', new Uint8Array(100))).rejects.toThrow(/at byte 0 /);
  await expect(readHdf5('loadModel: m.h5', new Uint8Array())).rejects.toThrow(/truncated/);
});

/** All that a tree holds, each name, text and number as its bytes. */
function bytesOf(tree: Hdf5Group, bytes: number[] = []): number[] {
  const addText = (text: string, step = 1) => {
    bytes.push(...new TextEncoder().encode(text), 0);
    // Zeros follow a name in the file, so one that is changed there makes the name longer.
    for (let used = text.length + 1; used % step; used++) bytes.push(0);
  };
  const add = (name: string, value: Hdf5Attribute) => {
    addText(name, 64);
    if (typeof value === 'string') addText(value);
    else if ('data' in value) bytes.push(...value.shape, ...new Uint8Array(value.data.buffer));
    else value.forEach(addText);
  };
  for (const [name, value] of tree.attributes) add(name, value);
  for (const [name, array] of tree.arrays) add(name, array);
  for (const [name, inner] of tree.groups) {
    addText(name, 64);
    bytesOf(inner, bytes);
  }
  return bytes;
}

/** The bytes in which two of the same length differ, as they were and as they are. */
function changes(before: ArrayLike<number>, after: ArrayLike<number>): string[] {
  return Array.from(before, (byte, index) => (byte === after[index] ? '' : `${byte} → ${after[index]}`)).filter(
    Boolean,
  );
}

test('an attribute whose message has lost its kind is refused, not left out', async () => {
  const bytes = await fixture('keras3_post_model.h5');
  const nameOf = (at: number) => new TextDecoder().decode(bytes.subarray(at + 16, at + 23));
  const attribute = bytes.findIndex((byte, at) => byte === 12 && nameOf(at) === 'backend');
  bytes[attribute] = 0;
  await expect(readHdf5('test', bytes)).rejects.toThrow('a message without a kind, expected zeros');
});

/**
 * A damaged file is refused, or reads as before but for the bytes that were changed: HDF5 has no checksum, so nobody can
 * tell a changed number or letter from a right one. Whatever moves a number elsewhere changes others, and fails here.
 */
test.each(HDF5_FIXTURES)(
  '%s: random damage ends in a clear error or in the right contents',
  async (name) => {
    const original = await fixture(name);
    const before = bytesOf(await readHdf5(name, original));
    const seed = randomSeed();
    let refused = 0;
    for (let index = 0; index < MUTATIONS; index++) {
      const { bytes, how } = mutate(original, seed + index);
      const read = await readHdf5(name, bytes).catch((error: unknown) => error);
      if (read instanceof ValueError) {
        refused++;
        continue;
      }
      const unexplained = changesBeside(read, before, changes(original, bytes));
      expect(`${how}: ${unexplained}`).toBe(`${how}: `);
    }
    expect(refused).toBeGreaterThan(MUTATIONS / 10);
    expect(bytesOf(await readHdf5(name, original))).toEqual(before);
  },
  1_200_000,
);

/** What differs from before although the file was not changed there. */
function changesBeside(read: unknown, before: readonly number[], inFile: readonly string[]): string {
  if (read instanceof Error) return String(read);
  const after = bytesOf(read as Hdf5Group);
  if (after.length !== before.length) return `${after.length} bytes of contents instead of ${before.length}`;
  const allowed = [...inFile];
  return changes(before, after)
    .filter((change) => {
      const at = allowed.indexOf(change);
      if (at >= 0) allowed.splice(at, 1);
      return at < 0;
    })
    .join(', ');
}
