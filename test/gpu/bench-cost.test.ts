import { describe, expect, test } from 'vitest';
import { replay, type Replayed } from '../../bench/cost/replay.ts';
import { gpu } from './gpu.ts';

/** Workgroups of 64 invocations, of which each has `i`, its number among all. */
const kernel = (body: string) => `
struct Frame { first: u32 }
override STRIDE: u32;
@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  ${body}
}
`;

/** Replays it with a frame whose number is 8. */
function replayed(body: string, groups: number): Promise<Replayed> {
  const storage = { bytes: 1 << 16 };
  const frame = { bytes: 256, contents: new Uint8Array(256).fill(8, 0, 1) };
  return replay(gpu.device, {
    kernel: 'probe',
    constants: {},
    code: kernel(body),
    overrides: { STRIDE: 16 },
    grid: [groups, 1, 1],
    bindings: [frame, storage, storage, storage],
  });
}

/** A line a binding: what it is, requests, sectors, bytes asked for, sectors of each workgroup and of the dispatch counted once. */
const lines = ({ traffic }: Replayed) =>
  traffic.map(({ binding, isStore, requests, sectors, bytes, groupSectors, distinctSectors }) =>
    [binding, isStore ? 'store' : 'load', requests, sectors, bytes, groupSectors, distinctSectors].join(' '),
  );

describe('a kernel that is replayed', () => {
  test.each([
    // Two subgroups a workgroup ask for 32 numbers, which are 4 sectors.
    ['neighbours', 'out[i] = a[i];', ['out store 6 24 768 24 24', 'a load 6 24 768 24 24']],
    ['vectors', 'out[i] = b[i].y;', ['out store 6 24 768 24 24', 'b load 6 96 3072 96 96']],
    ['a stride', 'out[i] = a[STRIDE * i];', ['out store 6 24 768 24 24', 'a load 6 192 768 192 192']],
    ['one number for all', 'out[i] = a[0];', ['out store 6 24 768 24 24', 'a load 6 6 24 3 1']],
    ['what a frame tells', 'out[i] = a[frame.first * i];', ['out store 6 24 768 24 24', 'a load 6 192 768 192 192']],
    ['a load within an index', 'out[u32(a[i])] = 1;', ['a load 6 24 768 24 24', 'out store 6 6 24 3 1']],
    ['a load and a store at once', 'out[i] += 1;', ['out load 6 24 768 24 24', 'out store 6 24 768 24 24']],
    ['some of the invocations', 'if (i % 32 < 8) { out[i] = 1; }', ['out store 6 6 192 6 6']],
    ['the same again', 'out[i] = a[i] + a[i];', ['out store 6 24 768 24 24', 'a load 12 48 1536 24 24']],
  ])('%s', async (_, body, expected) => {
    expect(lines(await replayed(body, 3)).toSorted()).toEqual(expected.toSorted());
  });

  test('more turns than are noted are counted all the same', async () => {
    const { traffic, loads } = await replayed('for (var k = 0u; k < 200; k++) { out[i] = a[64 * k + i]; }', 1);
    expect(loads).toBe(200);
    expect(traffic.find(({ binding }) => binding === 'a')).toMatchObject({
      requests: 400,
      sectors: 1600,
      groupSectors: 1600,
    });
  });

  test('of many workgroups some are noted, and the sectors of all', async () => {
    const result = await replayed('out[i] = a[i];', 100);
    expect(result).toMatchObject({ groups: 100, threads: 64, loads: 1, barriers: 0 });
    expect(lines(result).toSorted()).toEqual(['a load 200 800 25600 800 800', 'out store 200 800 25600 800 800']);
  });

  test('barriers are counted', async () => {
    expect(await replayed('workgroupBarrier(); storageBarrier(); out[i] = 1;', 1)).toMatchObject({ barriers: 2 });
  });

  test('copies of a loop that was unrolled are a loop again', async () => {
    const copy = (n: number) => `{ const n = ${n}u; out[64 * n + i] = a[i]; }`;
    const result = await replayed([0, 1, 2].map(copy).join(' '), 1);
    expect(lines(result).toSorted()).toEqual(['a load 6 24 768 8 8', 'out store 6 24 768 24 24']);
  });
});
