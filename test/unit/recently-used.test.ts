import { expect, test } from 'vitest';
import { RecentlyUsed, type Droppable } from '../../src/runtime/recently-used.ts';

const MIB = 2 ** 20;

/** Items that note when they are dropped. */
function makeItems(bytes: readonly number[]) {
  const dropped: number[] = [];
  const busy = new Set<number>();
  const items = bytes.map((size, index): Droppable => ({
    bytes: size,
    isInUse: () => busy.has(index),
    drop: () => dropped.push(index),
  }));
  return { items, dropped, busy };
}

test('keeps a quarter of the largest buffer, and 64 MiB at the least', () => {
  expect(new RecentlyUsed({ maxBufferSize: 1024 * MIB }).mostBytes).toBe(256 * MIB);
  expect(new RecentlyUsed({ maxBufferSize: 8 * MIB }).mostBytes).toBe(64 * MIB);
});

test('drops what was not used for longest, and no more than it must', () => {
  const kept = new RecentlyUsed({ maxBufferSize: 0 });
  const { items, dropped } = makeItems([20 * MIB, 20 * MIB, 20 * MIB, 20 * MIB]);
  for (const item of items.slice(0, 3)) kept.add(item);
  kept.use(items[0]);
  expect(dropped).toEqual([]);
  kept.add(items[3]);
  expect(dropped).toEqual([1]);
});

test('drops neither what is in use nor what was just made, however large', () => {
  const kept = new RecentlyUsed({ maxBufferSize: 0 });
  const { items, dropped, busy } = makeItems([40 * MIB, 20 * MIB, 100 * MIB]);
  busy.add(0);
  for (const item of items) kept.add(item);
  expect(dropped).toEqual([1]);
});

test('what was removed counts no more and is not dropped', () => {
  const kept = new RecentlyUsed({ maxBufferSize: 0 });
  const { items, dropped } = makeItems([40 * MIB, 20 * MIB, 40 * MIB]);
  kept.add(items[0]);
  kept.add(items[1]);
  kept.remove(items[0]);
  kept.add(items[2]);
  expect(dropped).toEqual([]);
});
