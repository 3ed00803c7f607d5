import { timingOf } from '../measure/outcome.ts';
import { type Summary } from '../measure/statistics.ts';
import { operations } from '../works/work.ts';
import type { Results } from './results.ts';
import { table } from './table.ts';
import { duration, percent, rate, ratio } from './words.ts';

/** What the GPU can do at best. */
export function rooflineTable({ roofline, rows }: Pick<Results, 'roofline' | 'rows'>): string {
  const { flops, bandwidth, dispatch, barrier, readback } = roofline;
  const line = (what: string, { median, p10, p90 }: Summary, words: (value: number) => string) => [
    what,
    words(median),
    `${words(p10)} – ${words(p90)}`,
  ];
  const lines = [
    line('multiplications and additions in registers', flops, (value) => rate(value, 'FLOP/s')),
    line('memory, read and written while it is copied', bandwidth, (value) => rate(value, 'B/s')),
    line('one of many dispatches that do nothing', dispatch, duration),
    line('one barrier of a workgroup of 64', barrier, duration),
    line('an empty dispatch and its result read back', readback, duration),
  ];
  const stream = timingOf(
    rows.find(({ work }) => work.kind === 'stream'),
    'ours',
  );
  if (stream) lines.push(['a step of the stream above, beside that', ratio(stream.median / readback.median), '']);
  return table(['measured in the same run', 'median', 'p10 – p90'], lines);
}

/** How near this library comes to that, work by work. */
export function rates({ roofline, rows }: Pick<Results, 'roofline' | 'rows'>): string {
  const done = rows.flatMap((row) => {
    const own = timingOf(row, 'ours');
    return own ? [{ work: row.work, median: own.median, perSecond: (1000 * operations(row.work)) / own.median }] : [];
  });
  const product = done.find(({ work }) => work.kind === 'product')?.perSecond;
  const lines = done.map(({ work, median, perSecond }) => [
    work.title,
    rate(perSecond, 'FLOP/s'),
    percent(perSecond / roofline.flops.median),
    product === undefined ? '–' : percent(perSecond / product),
    work.steps === 1 ? '–' : duration(median / work.steps),
  ]);
  return `${explanation}\n\n${table(['lstm-webgpu', 'rate', 'of the ceiling', 'of its matrix product', 'a time step'], lines)}`;
}

const explanation = `The multiplications and additions in the products of a work, 8·B·T·H·(I + H) forward and three times that for training, over
its whole time: activations, loss, optimizer, upload and readback included. The ceiling is that of multiplications and additions in
registers. A small work waits for dispatches, barriers and the readback, and its rate only says that.`;
