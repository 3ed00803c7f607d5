import { describe, expect, test } from 'vitest';
import type { ScheduleId } from '../../bench/contenders/ours.ts';
import type { Outcome, Row, Timing } from '../../bench/measure/outcome.ts';
import { generationSection } from '../../bench/report/generation.ts';
import { losses } from '../../bench/report/losses.ts';
import { markdown } from '../../bench/report/markdown.ts';
import { timesTable } from '../../bench/report/times.ts';
import { aims } from '../../bench/report/aims.ts';
import { rates, rooflineTable } from '../../bench/report/rates.ts';
import { exitCode } from '../../bench/report/results.ts';
import { duration } from '../../bench/report/words.ts';
import { generations } from '../../bench/works/generations.ts';
import { works } from '../../bench/works/index.ts';
import { pushes } from '../../bench/works/pushes.ts';
import { stacks } from '../../bench/works/stacks.ts';

const timing = (median: number, difference = 0): Timing => ({
  median,
  p10: median * 0.9,
  p90: median * 1.2,
  samples: [median, median],
  times: 4,
  firstCall: 1500,
  agreement: { difference, tolerance: 1e-4, agrees: difference <= 1e-4 },
});
const ours = (median: number): Outcome => ({ contender: 'ours', ...timing(median) });
const row = (work: number, ...outcomes: Outcome[]): Row => ({ work: works[work], outcomes });
const good = row(
  0,
  { contender: 'plain', ...timing(0.01) },
  { contender: 'ours', ...timing(0.02) },
  { contender: 'tfjs-cpu', ...timing(3) },
);
const wrong = row(2, { contender: 'ours', ...timing(2) }, { contender: 'plain', ...timing(4, 0.5) });
const failed = row(2, { contender: 'ours', ...timing(2) }, { contender: 'ort-wasm', failure: 'no | memory' });

const stack = (wavefront: Timing): Row<ScheduleId> => ({
  work: stacks[0],
  outcomes: [
    { contender: 'layered', ...timing(4) },
    { contender: 'wavefront', ...wavefront },
  ],
});

describe('the table', () => {
  const lines = timesTable([good, wrong, failed]).split('\n');

  test('has a column for each contender that did something', () => {
    expect(lines[0]).toBe('|  | lstm-webgpu | plain loop | TF.js cpu | ORT Web wasm |');
  });

  test('has medians, and how many times as long they are as those of this library', () => {
    expect(lines[2]).toBe(`| ${works[0].title} | 20 µs | 10 µs (0.50 ×) | 3.0 ms (150 ×) | – |`);
  });

  test('shows what differs and what failed', () => {
    expect(lines[3]).toContain('4.0 ms (2.0 ×) **differs**');
    expect(lines[4]).toContain('| failed |');
  });
});

test('where others are faster is said in words', () => {
  expect(losses([good, wrong])).toBe(`- ${works[0].title}: plain loop 2.0 times as fast as this library.`);
  expect(losses([wrong])).toBe('Nowhere in this table.');
});

test('the exit code tells of differences and failures', () => {
  const none = { date: '', rows: [] };
  const streams = { ...none, readback: steady(1) };
  expect([[good], [good, wrong], [good, failed]].map((rows) => exitCode({ rows, stacks: none, streams }))).toEqual([
    0, 1, 1,
  ]);
  expect(exitCode({ rows: [good], stacks: { ...none, rows: [stack(timing(2, 0.5))] }, streams })).toBe(1);
  expect(exitCode({ rows: [good], stacks: none, streams: { ...streams, rows: [wrong] } })).toBe(1);
  expect(exitCode({ rows: [good], stacks: none, streams, generation: { ...none, rows: [failed] } })).toBe(1);
  expect(exitCode({ rows: [good], stacks: { ...none, rows: [stack(timing(2))] }, streams })).toBe(0);
});

const steady = (value: number) => ({ median: value, p10: 0.9 * value, p90: 1.1 * value });
const roofline = {
  flops: steady(9.3e9),
  bandwidth: steady(1e10),
  dispatch: steady(0.02),
  barrier: steady(0.0005),
  readback: steady(0.6),
};

test('the roofline shows how much it varied', () => {
  const lines = rooflineTable({ roofline, rows: [] });
  expect(lines).toContain(
    '| multiplications and additions in registers | 9.30 GFLOP/s | 8.37 GFLOP/s – 10.2 GFLOP/s |',
  );
  expect(lines).toContain('| one barrier of a workgroup of 64 | 500 ns | 450 ns – 550 ns |');
});

test('rates are those of products over the whole time, beside the ceiling and the product', () => {
  const product = { work: works.find(({ kind }) => kind === 'product')!, outcomes: [ours(100)] };
  const training = { work: works.find(({ id }) => id === 'train-32x32-128-256')!, outcomes: [ours(1000)] };
  const lines = rates({ roofline, rows: [product, training] });
  // 2 · 512³ in 0.1 s, and 3 · 8 · 32 · 32 · 256 · 384 in 1 s
  expect(lines).toContain('| 2.68 GFLOP/s | 29 % | 100 % | – |');
  expect(lines).toContain('| 2.42 GFLOP/s | 26 % | 90 % | 31 ms |');
  expect(rates({ roofline, rows: [training] })).toContain('| 2.42 GFLOP/s | 26 % | – | 31 ms |');
});

describe('aims', () => {
  const memory = { holdings: [{ work: works[0], needed: 1000, held: 1200, sending: 0 }] };
  const byId = (id: string, ...outcomes: Outcome[]): Row => ({ work: works.find((work) => work.id === id)!, outcomes });
  const stream = byId('stream', ours(0.7), { contender: 'ort-wasm', ...timing(0.1) });

  test('are reached or not, by the figures of the run', () => {
    const lines = aims({
      roofline,
      memory,
      rows: [byId('post-update', ours(0.04), { contender: 'tfjs-webgpu', ...timing(100) }), stream],
    });
    expect(lines).toContain('| 2,000 times as fast as TF.js webgpu | 2,500 × | yes |');
    expect(lines).toContain('| 20,000 in a second | 800 ms | yes |');
    expect(lines).toContain('| 1.2 × an empty dispatch read back | 1.2 × | yes |');
    expect(lines).toContain('| at most 1.3 × the memory needed | 1.2 × | yes |');
    expect(lines).not.toContain('product');
  });

  test('are also those of generated steps', () => {
    const rows = generations.map((work, n) => ({
      work,
      outcomes: [ours(1), { contender: 'ort-webgpu' as const, ...timing(9.9 + 2 * n) }],
    }));
    const lines = aims({ roofline, memory, rows: [], generation: { date: '', rows } });
    const [one, many] = generations.map(({ title }) => `| ${title} | 10 times as fast as ORT Web webgpu `);
    expect(lines).toContain(`${one}| 9.9 × | **no** |`);
    expect(lines).toContain(`${many}| 12 × | yes |`);
  });

  test('growth is told from what the pool of readbacks does', () => {
    const grown = (more: number) => {
      const buffers = [
        { count: 8, bytes: 1e6 },
        { count: 8 + more, bytes: 2e6 },
      ] as const;
      return aims({
        roofline,
        rows: [],
        memory: { holdings: [], growth: { updates: 1e5, buffers, heap: [1e7, 1e7] } },
      });
    };
    expect(grown(1)).toContain('| 1 more buffers, heap 0.0 % | yes |');
    expect(grown(10)).toContain('| 10 more buffers, heap 0.0 % | **no** |');
  });

  test('are missed by as little', () => {
    const rows = [
      byId('post-update', ours(0.1)),
      byId('post-update-64', ours(6.4 / 1.4)),
      byId('product', ours(60)),
      byId('infer-32x32-128-256', ours(200)),
      byId('stream', ours(0.73)),
    ];
    const lines = aims({ roofline, memory, rows });
    expect(lines).toContain("| 80 % of the product's rate | 90 % | yes |");
    expect(lines).toContain('| 1.5 times as fast as one after the other | 1.4 × | **no** |');
    expect(lines).toContain('| 48 % of the ceiling | 48 % | **no** |');
    expect(lines).toContain('| 1.2 × | **no** |');
  });
});

test('of generated steps it is told what a call takes, and where others are faster', () => {
  const rows: Row[] = [
    { work: generations[0], outcomes: [ours(0.2), { contender: 'ort-wasm', ...timing(0.1) }] },
    { work: generations[1], outcomes: [ours(1.6), { contender: 'ort-wasm', ...timing(3.2) }] },
  ];
  const section = generationSection({ date: '2001-02-07', rows });
  expect(section).toContain(`| ${generations[1].title} | 1.6 ms | 3.2 ms (2.0 ×) |`);
  expect(section).toContain('- 1,000 steps of 1 stream take this library 200 ms: 5,000 classes a second.');
  expect(section).toContain('- 1,000 steps of 64 streams take this library 1.6 s: 40,000 classes a second.');
  expect(section).toContain(`faster:\n\n- ${generations[0].title}: ORT Web wasm 2.0 times as fast as this library.\n`);
  expect(section).toContain('Measured on 2001-02-07.');
});

test('the page has the command, the machine, the roofline and every sample count', () => {
  const page = markdown({
    command: 'npm run bench -- --samples 2 --node',
    machine: { processor: 'Abacus', cores: 2, date: '2001-02-03' },
    environment: 'Chrome/1',
    packages: { peer: '1.2.3' },
    adapterName: 'wooden beads',
    roofline,
    rows: [good, failed],
    stacks: { date: '2001-02-04', rows: [stack(timing(3)), stack(timing(3, 0.5))] },
    streams: {
      date: '2001-02-06',
      readback: steady(0.5),
      rows: [
        {
          work: pushes[0],
          outcomes: [
            { contender: 'ours', ...timing(0.6) },
            { contender: 'plain', ...timing(0.3) },
            { contender: 'ort-wasm', ...timing(0.02) },
          ],
        },
        {
          work: pushes[1],
          outcomes: [
            { contender: 'ours', ...timing(2) },
            { contender: 'plain', ...timing(3) },
            { contender: 'ort-wasm', ...timing(1) },
          ],
        },
      ],
    },
    generation: { date: '2001-02-07', rows: [{ work: generations[0], outcomes: [ours(0.25)] }] },
    firstCalls: { date: '2001-02-05', rows: [{ work: works[2], samples: [1900, 2500, 1800] }] },
    memory: {
      holdings: [{ work: works[0], needed: 1000, held: 1250, sending: 2e6 }],
      growth: {
        updates: 1e5,
        buffers: [
          { count: 7, bytes: 2e6 },
          { count: 8, bytes: 3e6 },
        ],
        heap: [5e6, 5.1e6],
      },
    },
  });
  expect(page).toContain('Made by `npm run bench -- --samples 2 --node`; do not edit.');
  for (const text of ['2001-02-03: Abacus, 2 cores, Chrome/1, WebGPU on wooden beads', '9.30 GFLOP/s', 'peer 1.2.3']) {
    expect(page).toContain(text);
  }
  expect(page).toContain('| post-update | plain loop | 10 µs | 9.0 µs – 12 µs | 2 × 4 updates | 1.5 s | 0 | 1e-4 |');
  expect(page).toContain('failed: no \\| memory');
  expect(page).toContain(`| ${stacks[0].title} | 4.0 ms | 3.0 ms | 0.75 × |`);
  expect(page).toContain(`| ${stacks[0].title} | 4.0 ms | 3.0 ms **differs** | 0.75 × |`);
  expect(page).toContain(`| ${works[2].title} | 1.9 s | 1.8 s – 2.5 s |`);
  expect(page).toContain('| first call in 2.0 s at most | 1.9 s | yes |');
  expect(page).toContain(`| ${pushes[0].title} | 600 µs | 300 µs (0.50 ×) | 20 µs (0.033 ×) |`);
  expect(page).toContain('took 500 µs in the same run, and a step of one stream 1.2 × that.');
  expect(page).toContain('- than plain loop: from 64 on\n- than ORT Web wasm: with none of these numbers');
  expect(page).toContain(`## Generated steps`);
  expect(page).toContain('| generate-1 | lstm-webgpu | 250 µs | 225 µs – 300 µs | 2 × 4 steps |');
  for (const date of ['2001-02-04', '2001-02-05', '2001-02-06', '2001-02-07']) expect(page).toContain(`on ${date}.`);
  expect(page).toContain('| 1.00 kB | 1.25 kB | 1.3 × | 2.00 MB |');
  expect(page).toContain(
    'Over 100,000 updates of the smallest model the buffers went from 7 with 2.00 MB to 8 with 3.00 MB',
  );
});

test.each([
  [0.0000123, '12 ns'],
  [0.0123, '12 µs'],
  [0.999, '999 µs'],
  [1.25, '1.3 ms'],
  [12_345, '12 s'],
])('%d ms is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));
