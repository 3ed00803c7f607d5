import { expect, test } from 'vitest';
import { adapterWords, bytesWords, durationWords, kernelsTable, speedTable } from '../../../demo/lab/machine/data.ts';
import { axisFor, ticksWithin } from '../../../demo/drawing/ticks.ts';

test.each([
  [
    [0, 1],
    [0, 0.2, 0.4, 0.6, 0.8, 1],
  ],
  [
    [0, 20],
    [0, 5, 10, 15, 20],
  ],
  [
    [-3, 3],
    [-2, 0, 2],
  ],
  [
    [0.1, 0.4],
    [0.1, 0.2, 0.3, 0.4],
  ],
  [
    [0, 6e-300],
    [0, 2e-300, 4e-300, 6e-300],
  ],
  [
    [805, 1008],
    [850, 900, 950, 1000],
  ],
] as const)('the round numbers within %j are %j', (range, ticks) => {
  expect(ticksWithin(range)).toEqual(ticks);
});

test('an axis holds its values, also where all are alike or there are none', () => {
  const { range } = axisFor([3, 9, 5]);
  expect(range[0]).toBeLessThan(3);
  expect(range[1]).toBeGreaterThan(9);
  expect(axisFor([7, 7]).range[0]).toBeLessThan(7);
  expect(axisFor([]).ticks).toContain(0);
});

test('times and sizes have their units', () => {
  expect([11.2e-6, 0.0405, 1.26].map(durationWords)).toEqual(['11 µs', '41 ms', '1.3 s']);
  expect([16384, 134217728, 4 * 2 ** 30].map(bytesWords)).toEqual(['16 KiB', '128 MiB', '4 GiB']);
});

test('a machine is told in sentences and tables', () => {
  const kernel = {
    layer: 'model',
    part: 'all',
    decision: 'resident',
    why: 'it is small',
    mode: 'train',
    batchSize: 1,
    steps: 1,
  } as const;
  const works = [{ name: 'an update', size: '1 row', updatesPerSecond: 87_654, kernels: [kernel] }];
  expect(speedTable({ works }).rows).toEqual([['an update', '1 row', '87,700', '11 µs']]);
  expect(kernelsTable({ works }).rows).toEqual([['an update', 'model', 'all', 'resident', 'it is small']]);
  expect(adapterWords({ adapter: 'google swiftshader', isSoftware: true })).toContain('a software adapter');
  expect(adapterWords({ adapter: 'nvidia ampere', isSoftware: false })).toBe('nvidia ampere: a GPU.');
});
