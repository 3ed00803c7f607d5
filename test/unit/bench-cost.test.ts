import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import type { CompileReport } from '../../bench/compile/report.ts';
import { DEVICES } from '../../bench/cost/devices.ts';
import { instrument } from '../../bench/cost/instrument.ts';
import { operationsOf, type CostedKernel } from '../../bench/cost/kernel.ts';
import { misses } from '../../bench/cost/misses.ts';
import { markdown } from '../../bench/cost/report.ts';
import type { CostReport } from '../../bench/cost/rows.ts';
import { estimate } from '../../bench/cost/time.ts';
import { CLASSES, costedWorks, launchesOf, type CostClass } from '../../bench/cost/works.ts';

// Initial weights decide no dispatch, and those of large layers take seconds.
vi.mock(import('../../src/models/network/gram-schmidt.ts'), () => ({ *orthonormalize() {} }));

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const report = read('bench/cost.json') as CostReport;
const { kernels: compiled } = read('bench/compiled.json') as CompileReport;

/** Kernels whose requests use less than 90 % of their sectors, in percent, or that read weights more than once a row tile. */
const MISSES = [
  // Blocks of a column: columns past the last one are the last one again, each element a load of its own.
  { kernel: 'product-split-k SPLITS 1, WIDE 1, HIGH 1', used: 12.5, worst: 'loads of b: 13 %', reads: 1.95 },
  { kernel: 'product-split-k SPLITS 1, WIDE 1, HIGH 16', used: 12.5, worst: 'loads of a: 13 %', reads: 1.95 },
  // Four loads of one number each, where the elements of four columns lie in a vector that is not known to be aligned.
  { kernel: 'product-split-k SPLITS 1, WIDE 16, HIGH 1', used: 24.6, worst: 'loads of b: 25 %' },
  { kernel: 'product-workgroup-tiled EDGE 8', used: 25, worst: 'loads of a: 25 %' },
  // Weights and moments are loaded once a dispatch, number by number.
  { kernel: 'resident-updates SPLITS 12', used: 25.4, worst: 'loads of moments: 25 %' },
  // All threads of a workgroup load the same h, one number of a sector at a time, and the other seven in the next turns.
  { kernel: 'lstm-forward TILE_ROWS 8, THREADS 16, FUSED_STEPS 1', used: 72.6, worst: 'loads of h: 13 %' },
  { kernel: 'lstm-wavefront-forward TILE_ROWS 8, THREADS 32', used: 83.2, worst: 'loads of h: 13 %' },
  { kernel: 'lstm-forward TILE_ROWS 8, THREADS 32, FUSED_STEPS 1', used: 83.4, worst: 'loads of h: 13 %' },
  { kernel: 'product-register-tiled STRIPS 2, WIDE 8, HIGH 1', used: 88.7, worst: 'loads of a: 50 %' },
  // With 8 features there are 137 terms: past the last one threads load it again.
  {
    kernel: 'lstm-forward-split-k THREADS 256, TILE_UNITS 4, ROW_QUADS 1, FUSED_STEPS 0',
    used: 95.2,
    worst: 'loads of h: 80 %',
    reads: 1.04,
  },
  {
    kernel: 'lstm-forward-split-k THREADS 256, TILE_UNITS 8, ROW_QUADS 1, FUSED_STEPS 0',
    used: 97.9,
    worst: 'loads of h: 80 %',
    reads: 1.21,
  },
];

describe('what is published of the cost of kernels', () => {
  // With -u it is written.
  test('bench/COST.md is made of cost.json and compiled.json', async () => {
    await expect(markdown(report, compiled)).toMatchFileSnapshot('../../bench/COST.md');
  });

  // A kernel that is mended comes off this list, and one that gets worse changes it: figures of the worst sizes.
  test('these kernels waste bytes of their requests, or read weights again for rows that share them', () => {
    expect(misses(report, compiled)).toEqual(MISSES);
  });

  test.each(costedWorks)(
    '$id: its dispatches are those that the library submits; npm run cost-model counts them anew',
    async (costed) => {
      const published = report.works.find(({ id }) => id === costed.id)!;
      for (const ofClass of Object.keys(CLASSES) as CostClass[]) {
        const launches = await launchesOf(costed, ofClass);
        expect(launches.map(({ digest, count }) => ({ digest, count }))).toEqual(
          published.launches[ofClass].map(({ kernel, count }) => ({ digest: report.kernels[kernel].digest, count })),
        );
      }
    },
  );
});

describe('the time of a dispatch', () => {
  const [card] = DEVICES;
  const none = { binding: 'a', isStore: false, requests: 0, sectors: 0, bytes: 0, groupSectors: 0, distinctSectors: 0 };
  const kernel = ({
    traffic = {},
    ...changes
  }: Omit<Partial<CostedKernel>, 'traffic'> & { traffic?: object }): CostedKernel => ({
    kernel: 'probe',
    grid: [1, 1, 1],
    groups: 1,
    threads: 32,
    constants: {},
    digest: '',
    turns: 1,
    loads: 0,
    barriers: 0,
    ...changes,
    traffic: [{ ...none, ...traffic }],
  });
  const whole = { groups: card.cores, grid: [card.cores, 1, 1] as [number, number, number], threads: 128 };

  test.each([
    ['little to do', kernel({ loads: 1 }), 'dispatch', 0.154],
    ['a chain of loads', kernel({ loads: 1600 }), 'latency', 15.4],
    ['loads of steps that wait for each other', kernel({ loads: 100, turns: 100 }), 'latency', 15.4],
    ['barriers', kernel({ barriers: 1000 }), 'latency', 60 / 1.755],
    // A core has room for 32 workgroups: the second round waits for the first.
    ['more workgroups than there is room for', kernel({ loads: 1600, groups: 132 * 33, threads: 32 }), 'latency', 30.8],
    ['sectors through the port of one core', kernel({ traffic: { sectors: 1e5 } }), 'loads', 3.2e6 / 128 / 1755],
    [
      'sectors through those of all',
      kernel({ ...whole, traffic: { sectors: 1e7 } }),
      'loads',
      3.2e8 / 128 / 132 / 1755,
    ],
    ['what workgroups load', kernel({ traffic: { groupSectors: 1e6 } }), 'cache', 32e6 / 5500e3],
    ['what the cache cannot hold', kernel({ traffic: { distinctSectors: 1e7 } }), 'memory', 320e6 / 3350e3],
    [
      'a product in all lanes',
      kernel({ ...whole, kernel: 'product-x', constants: { ROWS: 4096, INNER: 4096, COLUMNS: 4096 } }),
      'arithmetic',
      4096 ** 3 / (132 * 128 * 0.4 * 1755),
    ],
    [
      'a product in a quarter of the lanes of one core of 132',
      kernel({ kernel: 'product-x', constants: { ROWS: 256, INNER: 256, COLUMNS: 256 } }),
      'arithmetic',
      256 ** 3 / (32 * 0.4 * 1755),
    ],
  ] as const)('%s', (_, probe, bound, time) => {
    const result = estimate(probe, [], card);
    expect(result.bound).toBe(bound);
    expect(result.time).toBeCloseTo(card.dispatch + time, 3);
  });

  test('few invocations have room where one takes many registers', () => {
    const statistics = { ...compiled[0].statistics, registers: 256, workgroupMemory: 0 };
    const ofProbe = { kernel: 'probe', extensions: [], constants: {}, cases: [], statistics };
    const probe = kernel({ threads: 256 });
    expect(estimate(probe, [], card).warps).toBe(32);
    expect(estimate(probe, [ofProbe], card).warps).toBe(8);
  });
});

test('the multiply-adds of the kernels are those of the works', () => {
  for (const { id, operations, launches } of report.works) {
    for (const ofClass of Object.keys(CLASSES) as CostClass[]) {
      const all = launches[ofClass].reduce(
        (sum, { kernel, count }) => sum + count * operationsOf(report.kernels[kernel]),
        0,
      );
      // The benchmark counts a gradient of the samples, which nobody computes, and a last step of the backward pass; it does
      // not count the head and the gradients of biases.
      expect(all / operations, `${id}, ${ofClass}`).toBeGreaterThan(0.66);
      expect(all / operations, `${id}, ${ofClass}`).toBeLessThan(1.05);
    }
  }
});

describe('a kernel that is to be replayed', () => {
  const recording = { bindingBytes: [64], sample: { first: 0, stride: 1, count: 1 }, logWords: 1e6 };
  const kernel = (type: string, body: string) => `
@group(0) @binding(0) var<storage, read_write> a: array<${type}>;
@compute @workgroup_size(1)
fn main() { ${body} }`;

  test('is refused if the size of its elements is not known', () => {
    expect(() => instrument(kernel('mat3x3f', 'a[0] = mat3x3f();'), recording)).toThrow('array<mat3x3f> are of a type');
  });

  test('is refused if an element lies in several sectors', () => {
    const three = 'struct Three { a: f32, b: f32, c: f32 }';
    expect(() => instrument(`${three} ${kernel('Three', 'a[0].b = 1;')}`, recording)).toThrow('elements of 12 bytes');
  });

  test('is refused if a bracket is not closed', () => {
    expect(() => instrument(kernel('f32', 'a[0 = 1;'), recording)).toThrow('no bracket closes: 0 = 1;');
  });

  test('is noted where it loads and stores, and not in what only looks like that', () => {
    const { accesses, code } = instrument(
      kernel('f32', 'let data = vec4f(a[0]); a[1] = data[2] + b.a[3]; // a[4]'),
      recording,
    );
    expect(accesses.map(({ isStore }) => isStore)).toEqual([false, true]);
    expect(code).toContain('vec4f(a[replay_0(0)]); a[replay_1(1)] = data[2] + b.a[3];');
  });
});
