import { describe, expect, test, vi } from 'vitest';
import { adam, dense, lstm, requestGpu, sequential, trainMany, type Model } from '../../src/index.ts';
import { takeRows } from '../../src/models/training/engine/rows.ts';
import { UpdateQueue } from '../../src/models/training/engine/update-queue.ts';
import { Random } from '../../src/models/network/random.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { StateSlots } from '../../src/runtime/state-slots.ts';
import { stubDevice } from '../harness/stub-device.ts';

const UPDATES = 2000;

/** Models on a device that does nothing, and how many bytes a training of them uploads. */
async function setUp(count: number, rateOf = (_index: number): number => 0.001) {
  const { device } = stubDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const layers = [lstm({ units: 3, stateful: true }), dense({ units: 1, activation: 'sigmoid' })];
  const make = async (_: unknown, index: number): Promise<Model> => {
    const model = await sequential(gpu, { inputShape: [1, 1], batchSize: 1, layers });
    model.compile({ optimizer: adam({ learningRate: rateOf(index) }), loss: 'binaryCrossentropy' });
    return model;
  };
  const models = await Promise.all(Array.from({ length: count }, make));
  const x = { data: new Float32Array(UPDATES), shape: [UPDATES, 1, 1] };
  const y = { data: new Float32Array(UPDATES), shape: [UPDATES, 1] };
  const train = () => (count > 1 ? trainMany(models, x, y) : models[0].fit(x, y, { batchSize: 1 }));
  await train();
  const write = vi.spyOn(device.queue, 'writeBuffer');
  const push = vi.spyOn(UpdateQueue.prototype, 'push');
  const lastIterations = () => models.map(async (model) => (await model.getOptimizerState()).iterations);
  await train();
  const bytes = write.mock.calls.reduce((sum, [, , data]) => sum + data.byteLength, 0);
  return { bytes, writes: write.mock.calls.length, pushes: push.mock.calls.length, iterations: lastIterations() };
}

/** Bytes of the samples of a training, x and y. */
const SAMPLES = 2 * 4 * UPDATES;
/** Bytes of the frame that tells a submit how many updates it has; how many submits there are depends on the machine. */
const FRAME = 256;
/** The numbers of an entry and of a row of the agenda. */
const [ENTRY, ROW] = [32, 4];

describe('small models are fed', () => {
  test('by entries that models share which do not differ, many at a time', async () => {
    const [one, many] = [await setUp(1), await setUp(16)];
    for (const { bytes, writes, pushes, iterations } of [one, many]) {
      expect(bytes).toBeLessThan(UPDATES * (ENTRY + ROW) + SAMPLES + FRAME * writes);
      expect(writes).toBeLessThan(UPDATES / 20);
      expect(pushes).toBeLessThan(UPDATES / 100);
      for (const each of await Promise.all(iterations)) expect(each).toBe(2 * UPDATES);
    }
  });

  test('by entries of their own if their learning rates differ, but shared rows', async () => {
    const { bytes, writes, pushes } = await setUp(16, (index) => 0.001 * (1 + index));
    expect(bytes).toBeGreaterThan(16 * UPDATES * ENTRY);
    expect(bytes).toBeLessThan(UPDATES * (16 * ENTRY + ROW) + SAMPLES + FRAME * writes);
    expect(pushes).toBeLessThan(UPDATES / 100);
  });
});

describe('the rows of consecutive batches', () => {
  const slotsOf = (capacity: number) => {
    const { device } = stubDevice();
    return new StateSlots(new Gpu(device, false, { isTuning: false }), capacity, [{ name: 'h', size: 1 }]);
  };
  const samples = Uint32Array.of(0, 1, 2, 3, 4);

  test('take marks, and those of slots beyond the last batch stay', () => {
    const slots = slotsOf(2);
    slots.mark([1]);
    const range = { slots, first: 0, count: 2 };
    const batches = { samples, rows: 2, count: 3, resetsBefore: (batch: number) => batch === 2 };
    const { resets, restoreMarks } = takeRows(batches, [range]);
    expect(Array.from(resets!)).toEqual([0, 1, 0, 0, 1]);
    expect([slots.isMarked(0), slots.isMarked(1)]).toEqual([false, true]);
    restoreMarks!(1, 2);
    expect(slots.isMarked(0)).toBe(false);
    restoreMarks!(2, 3);
    expect(slots.isMarked(0)).toBe(true);
  });

  test('give back marks of all models that take the same rows, and none that samples bring', () => {
    const ranges = [slotsOf(2), slotsOf(2)].map((slots) => ({ slots, first: 0, count: 2 }));
    for (const { slots } of ranges) slots.mark([0]);
    const sampleResets = Uint8Array.of(0, 0, 0, 1, 0);
    const { resets, restoreMarks } = takeRows({ samples, rows: 2, count: 3, sampleResets }, ranges);
    expect(Array.from(resets!)).toEqual([1, 0, 0, 1, 0]);
    for (const { slots } of ranges) expect(slots.isMarked(0)).toBe(false);
    restoreMarks!(0, 3);
    for (const { slots } of ranges) expect([slots.isMarked(0), slots.isMarked(1)]).toEqual([true, false]);
  });
});

test('random numbers that are left out are those that would have been drawn', () => {
  const [drawn, skipped] = [new Random(7), new Random(7)];
  for (let n = 0; n < 100; n++) drawn.integer();
  skipped.skip(60);
  skipped.skip(40);
  expect(skipped.state).toEqual(drawn.state);
  skipped.skip(1);
  drawn.integer();
  expect(skipped.integer()).toBe(drawn.integer());
});
