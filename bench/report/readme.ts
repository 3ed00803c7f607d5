import { format } from 'prettier';
import { type ContenderId, contenderTitles, gpuIds } from '../contenders/names.ts';
import { type Row, timingOf } from '../measure/outcome.ts';
import { firstCallsTable } from './first-calls.ts';
import { measuredOn } from './markdown.ts';
import { contendersOf } from './times.ts';
import type { Results } from './results.ts';
import { table } from './table.ts';
import { duration, ratio } from './words.ts';

/** What README.md says of speed in short, between two comments. */
const PART = /(<!-- speed:.*-->\n)[^]*(<!-- end of speed -->)/;

/** README.md with these results in short. @throws if it has no place for them */
export async function withSpeed(readme: string, results: Results): Promise<string> {
  if (!PART.test(readme)) throw new Error('README.md lacks the comments between which its figures of speed stand.');
  // As `npm run format` leaves it, in lines as long as the others of that page.
  const part = await format(speed(results), { parser: 'markdown', proseWrap: 'always' });
  return readme.replace(PART, (_, begin: string, end: string) => `${begin}\n${part}\n${end}`);
}

/** Each work beside the fastest of the others on the GPU and the fastest on the processor. */
function speed(results: Results): string {
  const { rows, streams, generation, firstCalls } = results;
  const all = [...rows, ...(streams?.rows ?? []), ...(generation?.rows ?? [])];
  const others = contendersOf(all).filter((id) => id !== 'ours');
  const onGpu = others.filter((id) => gpuIds.includes(id));
  const onProcessor = others.filter((id) => !gpuIds.includes(id));
  const head = ['', contenderTitles.ours, 'fastest other on the GPU', 'fastest on the processor'];
  const beside = (list: readonly Row[]) =>
    table(
      head,
      list.map((row) => [row.work.title, ownTime(row), fastest(row, onGpu), fastest(row, onProcessor)]),
    );
  return [
    beside(rows),
    measuredOn(results),
    ...(streams?.rows.length ? [beside(streams.rows), `Measured on ${streams.date}.`] : []),
    ...(generation?.rows.length ? [generationText, beside(generation.rows), `Measured on ${generation.date}.`] : []),
    ...(firstCalls ? [firstCallsText, firstCallsTable(firstCalls), `Measured on ${firstCalls.date}.`] : []),
  ].join('\n\n');
}

const generationText = `Streams that feed themselves: a class is drawn from the outputs, and is the next input. Here a call makes 1,000 steps; the
others do a step a call, and JavaScript draws. The times are those of one step:`;

const firstCallsText = `These are times of a library that is warm. The first call waits for kernels to compile: from a page that has compiled
nothing yet to the results of one update, batch, step or product it takes:`;

function ownTime(row: Row): string {
  const own = timingOf(row, 'ours');
  return own ? duration(own.median) : 'failed';
}

/** How many times as long as this library the fastest of the others takes whose results are right; in bold if it is faster. */
function fastest(row: Row, others: readonly ContenderId[]): string {
  const own = timingOf(row, 'ours');
  const timings = others.flatMap((id) => {
    const timing = timingOf(row, id);
    return timing && timing.agreement?.agrees !== false ? [{ id, median: timing.median }] : [];
  });
  if (!own || timings.length === 0) return '–';
  const { id, median } = timings.reduce((best, timing) => (timing.median < best.median ? timing : best));
  const text = `${contenderTitles[id]} ${ratio(median / own.median)}`;
  return median < own.median ? `**${text}**` : text;
}
