import { describe, expect, test } from 'vitest';
import { Acceptance } from '../../src/models/training/engine/acceptance.ts';
import type { QueuedUpdates } from '../../src/models/training/engine/queued-updates.ts';
import { UpdateQueue } from '../../src/models/training/engine/update-queue.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { FakeTime, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

describe('updates in a submit', () => {
  /** How many updates of a millisecond each the submits of a long row of them hold, by a clock of ticks. */
  async function submits(tick: number): Promise<number[]> {
    const time = new FakeTime(tick);
    const { device } = stubDevice({ adapterInfo: SWIFTSHADER, time, costOf: () => 1 });
    const queue = new UpdateQueue(new Gpu(device, false, { isTuning: false }));
    const counts: number[] = [];
    const encode = (pass: GPUComputePassEncoder, count: number) => {
      counts.push(count);
      for (let update = 0; update < count; update++) pass.dispatchWorkgroups(1);
    };
    const agenda = { capacityFor: () => 10_000, write: () => {}, upload: () => {} };
    const program = { agenda, rows: 1, work: 1e7, mode: 'train' };
    const bound = { program, source: {}, ready: Promise.resolve(), encode, acceptance: new Acceptance() };
    const entries = { count: 1, models: [] };
    for (let update = 0; update < 3000; update++) queue.push({ bound, entries } as unknown as QueuedUpdates);
    await time.run(queue.flush());
    expect(counts.reduce((sum, count) => sum + count)).toBe(3000);
    return counts;
  }

  test.each([0.1, 1, 1000 / 60])('are as many as take 20 to 40 ms by a clock of %f ms', async (tick) => {
    const counts = (await submits(tick)).slice(20, -1);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(10);
    expect(mean).toBeLessThan(60);
  });

  test('stay as few as they begin where the clock stands still', async () => {
    expect(Math.max(...(await submits(Infinity)))).toBe(2);
  });
});

describe('waiting for work that is noticed every 100 ms, or upon a submit', () => {
  test.each([0.5, 7, 30])('ends soon after %f ms of it, with few submits', async (cost) => {
    const time = new FakeTime(0.1);
    const { device, count } = stubDevice({
      time,
      notice: { everyMs: 100, uponSubmit: true },
      costOf: () => cost,
    });
    const gpu = new Gpu(device, false, { isTuning: false });
    const submit = () => gpu.submit('work', (pass) => pass.dispatchWorkgroups(1));
    submit();
    await time.run(gpu.settled());
    expect(time.now).toBeLessThan(cost + 5);
    submit();
    await time.run(gpu.readback.read({} as GPUBuffer, 0, 4));
    expect(time.now).toBeLessThan(2 * (cost + 5));
    expect(count.emptySubmits).toBeLessThan(2 * (5 + cost / 4));
  });
});
