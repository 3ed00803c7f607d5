import { type ContenderId, contenderIds, contenderTitles } from '../contenders/names.ts';
import { isTiming, type Outcome, type Row } from '../measure/outcome.ts';
import { table } from './table.ts';
import { duration, ratio } from './words.ts';

/** Works down, contenders across. */
export function timesTable(rows: readonly Row[]): string {
  const ids = contendersOf(rows);
  return table(
    ['', ...ids.map((id) => contenderTitles[id])],
    rows.map(({ work, outcomes }) => [work.title, ...ids.map((id) => cell(outcomes, id))]),
  );
}

/** Those that took part, in the order of columns. */
export function contendersOf(rows: readonly Row[]): ContenderId[] {
  return contenderIds.filter((id) => rows.some(({ outcomes }) => outcomes.some(({ contender }) => contender === id)));
}

function cell(outcomes: readonly Outcome[], id: ContenderId): string {
  const outcome = outcomes.find(({ contender }) => contender === id);
  if (!outcome) return '–';
  if (!isTiming(outcome)) return 'failed';
  const own = outcomes.find(({ contender }) => contender === 'ours');
  const wrong = outcome.agreement?.agrees !== false ? '' : ' **differs**';
  if (id === 'ours' || !own || !isTiming(own)) return `${duration(outcome.median)}${wrong}`;
  return `${duration(outcome.median)} (${ratio(outcome.median / own.median)})${wrong}`;
}
