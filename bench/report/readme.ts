import { format } from 'prettier';
import { type ContenderId, contenderTitles } from '../contenders/names.ts';
import { type Row, timingOf } from '../measure/outcome.ts';
import { contendersOf, measuredOn } from './markdown.ts';
import type { Results } from './results.ts';
import { table } from './table.ts';
import { duration, ratio } from './words.ts';

/** What README.md says of speed in short, between two comments. */
const PART = /(<!-- speed:.*-->\n)[^]*(<!-- end of speed -->)/;

/** README.md with these results in short. @throws if it has no place for them */
export async function withSpeed(readme: string, results: Results): Promise<string> {
  if (!PART.test(readme)) throw new Error('README.md lacks the comments between which its figures of speed stand.');
  // As `npm run format` leaves it.
  const part = await format(speed(results), { parser: 'markdown' });
  return readme.replace(PART, (_, begin: string, end: string) => `${begin}\n${part}\n${end}`);
}

function speed(results: Results): string {
  const { rows } = results;
  const others = contendersOf(rows).filter((id) => id !== 'ours');
  const lines = rows.map((row) => [row.work.title, ownTime(row), ...others.map((id) => relative(row, id))]);
  const counts = others.map((id) => `${contenderTitles[id]} ${fasterOf(rows, id)}`);
  return [
    measuredOn(results),
    table(['', contenderTitles.ours, ...others.map((id) => contenderTitles[id])], lines),
    `Works that others do faster: ${counts.join(', ')}.`,
  ].join('\n\n');
}

function ownTime(row: Row): string {
  const own = timingOf(row, 'ours');
  return own ? duration(own.median) : 'failed';
}

/** How many times as long as this library another takes, in bold if it is faster. */
function relative(row: Row, id: ContenderId): string {
  if (!row.outcomes.some(({ contender }) => contender === id)) return '–';
  const times = timesAsLong(row, id);
  if (times === undefined) return 'failed';
  if (timingOf(row, id)?.agreement?.agrees === false) return 'differs';
  return times < 1 ? `**${ratio(times)}**` : ratio(times);
}

/** Of the works that both do. */
function fasterOf(rows: readonly Row[], id: ContenderId): string {
  const times = rows.flatMap((row) => timesAsLong(row, id) ?? []);
  return `${times.filter((value) => value < 1).length} of ${times.length}`;
}

function timesAsLong(row: Row, id: ContenderId): number | undefined {
  const [own, other] = [timingOf(row, 'ours'), timingOf(row, id)];
  return own && other && other.median / own.median;
}
