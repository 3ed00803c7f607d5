import { expect, test } from 'vitest';
import {
  memoryStorage,
  readSnapshots,
  snapshotsFromBuffer,
  snapshotsToBuffer,
  writeSnapshots,
} from '../../../src/formats/index.ts';
import { SnapshotError, ValueError, type StreamSnapshot } from '../../../src/index.ts';
import { errorOf } from '../../harness/error-of.ts';
import { randomSeed, rng } from '../../harness/random.ts';

function snapshot(name: string, ...sizes: number[]): StreamSnapshot {
  const { array, integer } = rng(randomSeed());
  return {
    version: 1,
    name,
    fingerprint: { architecture: '2 → lstm of 3 with 9 weights', weights: '0123abcd' },
    steps: integer(0, 2 ** 40),
    resets: integer(0, 9),
    states: sizes.map((size, n) => ({ name: `lstm/${'hc'[n]}`, shape: [size], data: array(size, 1) })),
  };
}

test('snapshots of streams, also of several models, come back as they were, wherever their bytes lie', () => {
  const all = [snapshot('a', 3, 3), snapshot('ä → "b"', 5), snapshot('c', 3, 3), snapshot('d')];
  const buffer = snapshotsToBuffer(all);
  expect(snapshotsFromBuffer(buffer)).toEqual(all);
  const bytes = new Uint8Array(buffer.byteLength + 3);
  bytes.set(new Uint8Array(buffer), 3);
  expect(snapshotsFromBuffer(bytes.subarray(3))).toEqual(all);
  expect(snapshotsFromBuffer(snapshotsToBuffer([]))).toEqual([]);
  // A clone of one state does not take the others along.
  expect(snapshotsFromBuffer(buffer)[0].states[0].data.buffer.byteLength).toBe(12);
});

test('NaN and infinite numbers come back as they were', () => {
  const [saved, sick] = [snapshot('a', 3), withData(snapshot('b', 3), new Float32Array([NaN, -Infinity, Infinity]))];
  expect(snapshotsFromBuffer(snapshotsToBuffer([saved, sick]))).toEqual([saved, sick]);
});

test('the layout is the documented one', () => {
  const buffer = snapshotsToBuffer([snapshot('a', 2)]);
  const view = new DataView(buffer);
  expect(new TextDecoder().decode(buffer.slice(0, 8))).toBe('LSTMSNAP');
  const [version, size, json] = [8, 12, 16].map((offset) => view.getUint32(offset, true));
  expect([version, size, json % 4]).toEqual([1, buffer.byteLength, 0]);
  expect(JSON.parse(new TextDecoder().decode(buffer.slice(20, 20 + json)))).toMatchObject({
    forms: [{ version: 1, fingerprint: { weights: '0123abcd' }, states: [{ name: 'lstm/h', shape: [2] }] }],
    streams: [{ name: 'a', form: 0 }],
  });
  const [saved] = snapshotsFromBuffer(buffer);
  expect([0, 4].map((offset) => view.getFloat32(20 + json + offset, true))).toEqual([...saved.states[0].data]);
  expect(size).toBe(20 + json + 8 + 4);
});

test('bytes that are cut off anywhere, one more, and every byte that is another are refused', () => {
  const bytes = new Uint8Array(snapshotsToBuffer([snapshot('a', 2, 2)]));
  for (let length = 0; length < bytes.length; length++) {
    expect(errorOf(() => snapshotsFromBuffer(bytes.slice(0, length)))).toBeInstanceOf(SnapshotError);
  }
  expect(() => snapshotsFromBuffer(new Uint8Array([...bytes, 0]))).toThrow(/damaged: there are \d+ bytes, expected/);
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [1, 0x80, 0xff]) {
      const damaged = bytes.slice();
      damaged[at] ^= flip;
      expect(errorOf(() => snapshotsFromBuffer(damaged))).toBeInstanceOf(SnapshotError);
    }
  }
});

test.each<[string, (saved: any) => unknown, RegExp]>([
  ['no list', (saved) => saved, /snapshots is .*expected a list/],
  ['no snapshot', () => ['a'], /snapshots\[0\] is "a", expected an object/],
  ['a promise', (saved) => [Promise.resolve(saved)], /fingerprint is missing|snapshots\[0\]/],
  ['no name', (saved) => [{ ...saved, name: 7 }], /snapshots\[0\].name is 7, expected a text/],
  ['half a step', (saved) => [saved, { ...saved, steps: 0.5 }], /snapshots\[1\].steps is 0.5, expected a whole number/],
  ['no states', (saved) => [{ ...saved, states: undefined }], /snapshots\[0\].states is missing, expected a list/],
  [
    'too few numbers',
    (saved) => [withData(saved, new Float32Array(1))],
    /states\[0\].data is .*expected a Float32Array of 2/,
  ],
])('what is no snapshot is not written: %s', (_name, change, message) => {
  const saved = snapshot('a', 2);
  const error = errorOf(() => snapshotsToBuffer(change(saved) as StreamSnapshot[]));
  expect(error).toBeInstanceOf(ValueError);
  expect(error.message).toMatch(message);
});

const withData = (saved: StreamSnapshot, data: Float32Array<ArrayBuffer>) => ({
  ...saved,
  states: [{ ...saved.states[0], data }],
});

test('what is no buffer of snapshots is told', () => {
  expect(() => snapshotsFromBuffer('a' as never)).toThrow('snapshotsFromBuffer: got "a", expected the ArrayBuffer');
  expect(() => snapshotsFromBuffer(new TextEncoder().encode('PK and so on, for some bytes'))).toThrow(
    /begin with "PK and s"/,
  );
});

test('snapshots are kept in a storage and replaced as a whole', async () => {
  const storage = memoryStorage();
  expect(await readSnapshots(storage)).toBeUndefined();
  const [first, second] = [snapshot('a', 2), snapshot('b', 3)];
  await writeSnapshots(storage, [first, second]);
  expect(await readSnapshots(storage)).toEqual([first, second]);
  await expect(writeSnapshots(storage, [{ ...first, name: undefined! }])).rejects.toThrow(ValueError);
  await writeSnapshots(storage, [second]);
  expect(await readSnapshots(storage)).toEqual([second]);
  await expect(writeSnapshots({} as never, [first])).rejects.toThrow('writeSnapshots: got {}, expected a storage');
});
