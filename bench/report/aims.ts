import { type ContenderId, contenderTitles } from '../contenders/names.ts';
import { type Row, timingOf } from '../measure/outcome.ts';
import { quantile } from '../measure/statistics.ts';
import { operations } from '../works/work.ts';
import type { Results } from './results.ts';
import { table } from './table.ts';
import { duration, percent, ratio } from './words.ts';

type Measured = Pick<Results, 'roofline' | 'rows' | 'generation' | 'memory' | 'firstCalls'>;

interface Aim {
  work: string;
  aim: string;
  measured: string;
  isReached: boolean;
}

/** How many times as fast as others this library is to be, by work. */
const RATIOS: [work: string, other: ContenderId, least: number][] = [
  ['post-update', 'tfjs-webgpu', 2000],
  ['post-update', 'tfjs-wasm', 80],
  ['post-update', 'tfjs-cpu', 80],
  ['train-64x20-8-64', 'tfjs-webgpu', 28],
  ['train-64x20-8-64', 'tfjs-wasm', 1.7],
  ['infer-64x20-8-64', 'ort-webgpu', 5],
  ['infer-64x20-8-64', 'tfjs-webgpu', 20],
  ['train-32x32-128-256', 'tfjs-webgpu', 17],
  ['train-32x32-128-256', 'tfjs-wasm', 2.5],
  ['infer-32x32-128-256', 'ort-webgpu', 5],
  ['infer-32x32-128-256', 'tfjs-webgpu', 9],
  ['infer-1x100-128-128', 'ort-webgpu', 5],
  ['generate-1', 'ort-webgpu', 10],
  ['generate-64', 'ort-webgpu', 10],
];

/** Milliseconds of a first call at the most: 2 s for training, and for the others what was measured first, to tenths of a second. */
const FIRST_CALL_MS: Record<string, number> = {
  'post-update': 600,
  'post-update-64': 900,
  'train-64x20-8-64': 2000,
  'infer-64x20-8-64': 300,
  'train-32x32-128-256': 2000,
  'infer-32x32-128-256': 600,
  'infer-1x100-128-128': 500,
  stream: 200,
  product: 300,
};

const OF_CEILING = 4.5 / 9.3;
const OF_PRODUCT = 0.8;
const STREAM = 1.2;
const MANY = 64;
const TOGETHER = 1.5;
const EPOCH_MS = 1000;
const EPOCH_UPDATES = 20_000;
const HELD = 1.3;
/**
 * How many results are on their way at once depends on the clock, so that the pool of buffers for them may still grow by one
 * or two; a leak would show in every call.
 */
const POOL_GROWTH = 2;
/** Of the heap: what compiled code and V8's own tables come and go by. */
const NO_GROWTH = 0.02;

/** What was set out to reach on a software GPU with two processor cores, and what this run reached. */
export function aims(measured: Measured): string {
  const list = [...ratios(measured), ...own(measured), ...firstCalls(measured), ...memory(measured)];
  if (list.length === 0) return 'This run measured none of them.';
  const lines = list.map(({ work, aim, measured: value, isReached }) => [
    work,
    aim,
    value,
    isReached ? 'yes' : '**no**',
  ]);
  return table(['', 'aim', 'measured', 'reached'], lines);
}

function ratios({ rows: works, generation }: Measured): Aim[] {
  const rows = [...works, ...(generation?.rows ?? [])];
  return RATIOS.flatMap(([id, other, least]) => {
    const [mine, theirs] = [timeOf(rows, id, 'ours'), timeOf(rows, id, other)];
    if (mine === undefined || theirs === undefined) return [];
    const aim = `${least.toLocaleString('en')} times as fast as ${contenderTitles[other]}`;
    return [{ work: titleOf(rows, id), aim, measured: ratio(theirs / mine), isReached: theirs / mine >= least }];
  });
}

function own({ rows, roofline }: Measured): Aim[] {
  const time = (id: string) => timeOf(rows, id, 'ours') ?? NaN;
  const perSecond = (id: string) => {
    const row = rows.find(({ work }) => work.id === id);
    return row ? (1000 * operations(row.work)) / time(id) : NaN;
  };
  const epoch = EPOCH_UPDATES * time('post-update');
  const together = (MANY * time('post-update')) / time('post-update-64');
  const step = time('stream') / roofline.readback.median;
  const product = perSecond('product') / roofline.flops.median;
  const large = perSecond('infer-32x32-128-256') / perSecond('product');
  const list: [id: string, value: number, aim: string, words: string, isReached: boolean][] = [
    ['post-update', epoch, '20,000 in a second', duration(epoch), epoch < EPOCH_MS],
    [
      'post-update-64',
      together,
      `${TOGETHER} times as fast as one after the other`,
      ratio(together),
      together >= TOGETHER,
    ],
    ['stream', step, `${STREAM} × an empty dispatch read back`, ratio(step), step <= STREAM],
    ['product', product, `${percent(OF_CEILING)} of the ceiling`, percent(product), product >= OF_CEILING],
    ['infer-32x32-128-256', large, `${percent(OF_PRODUCT)} of the product's rate`, percent(large), large >= OF_PRODUCT],
  ];
  return list
    .filter(([, value]) => !Number.isNaN(value))
    .map(([id, , aim, measured, isReached]) => ({ work: titleOf(rows, id), aim, measured, isReached }));
}

function firstCalls({ firstCalls: { rows } = { date: '', rows: [] } }: Measured): Aim[] {
  return rows.map(({ work, samples }) => {
    const most = FIRST_CALL_MS[work.id];
    const median = quantile(samples, 0.5);
    return {
      work: work.title,
      aim: `first call in ${duration(most)} at most`,
      measured: duration(median),
      isReached: median <= most,
    };
  });
}

function memory({ memory: { holdings, growth } }: Measured): Aim[] {
  const list = holdings.map(({ work, held, needed }) => ({
    work: work.title,
    aim: `at most ${HELD} × the memory needed`,
    measured: ratio(held / needed),
    isReached: held / needed <= HELD,
  }));
  if (!growth) return list;
  const [before, after] = growth.buffers;
  const heap = growth.heap[1] / growth.heap[0] - 1;
  const isReached = after.count - before.count <= POOL_GROWTH && heap <= NO_GROWTH;
  const measured = `${after.count - before.count} more buffers, heap ${percent(Math.max(0, heap))}`;
  return [
    ...list,
    {
      work: `${growth.updates.toLocaleString('en')} updates`,
      aim: 'no growth, but for the pool of readbacks',
      measured,
      isReached,
    },
  ];
}

function timeOf(rows: readonly Row[], id: string, contender: ContenderId): number | undefined {
  const row = rows.find(({ work }) => work.id === id);
  return timingOf(row, contender)?.median;
}

function titleOf(rows: readonly Row[], id: string): string {
  return rows.find(({ work }) => work.id === id)!.work.title;
}
