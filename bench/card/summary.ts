import { grouped } from './grouped.ts';
import type { Result } from './supervise.ts';

/** A line of results.jsonl. */
export type Line = Result & { part: string };

/** Columns of a terminal. */
const WIDTH = 80;

const works = ['works', 'rules', 'cudnn'] as const;

/** Whether a line tells of something that should not be: a part that did not end well, a wrong or a failed result. */
export function isWrong(line: Line): boolean {
  return isFailedPart(line) || line.ok === false || line.failure !== undefined || line.isGarbage === true;
}

/** A part whose time ran out is none: a slow machine does not get to the end of it. */
function isFailedPart({ what, end }: Line): boolean {
  return what === 'end' && (end === 'failed' || end === 'crashed');
}

/** All results in short, no line longer than a terminal is wide. */
export function summary(lines: readonly Line[]): string {
  return [...partRows(lines), ...correctnessRows(lines), ...probeRows(lines), ...workRows(lines), ...wrongRows(lines)]
    .map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line))
    .join('\n');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));
const seconds = (value: unknown): string => `${Number(value).toFixed(1)} s`;

function partRows(lines: readonly Line[]): string[] {
  const ends = lines.filter(({ what }) => what === 'end');
  const rows = ends.map((line) => {
    const own = lines.filter(({ part, what }) => part === line.part && what !== 'end');
    const wrong = own.filter(isWrong).length;
    const [name, end, took] = [line.part.padEnd(12), text(line.end).padEnd(12), seconds(line.seconds).padStart(8)];
    return `${name} ${end} ${took} ${String(own.length).padStart(8)} ${String(wrong).padStart(6)}`;
  });
  return [`${'Part'.padEnd(12)} ${'end'.padEnd(12)} ${'took'.padStart(8)}  results  wrong`, ...rows];
}

function correctnessRows(lines: readonly Line[]): string[] {
  const cases = lines.filter(({ part, what }) => part === 'correctness' && what === 'case');
  const groups = grouped(cases, ({ group }) => text(group));
  if (groups.size === 0) return [];
  const rows = [...groups].map(([group, list]) => {
    const errors = list.map(({ error }) => error).filter((error) => typeof error === 'number');
    const worst = errors.length > 0 ? Math.max(...errors).toExponential(1) : '—';
    return `${group.padEnd(24)} ${String(list.length).padStart(6)} ${worst.padStart(12)} ${String(list.filter(isWrong).length).padStart(6)}`;
  });
  return ['', `${'Correctness'.padEnd(24)} ${'cases'.padStart(6)} ${'worst error'.padStart(12)}  wrong`, ...rows];
}

function probeRows(lines: readonly Line[]): string[] {
  const probes = lines.filter(({ part, value }) => part === 'probes' && typeof value === 'number');
  if (probes.length === 0) return [];
  return [
    '',
    'Probe',
    ...probes.map(({ what, value, unit }) => `${text(what).padEnd(46)} ${figure(value)} ${text(unit)}`),
  ];
}

function workRows(lines: readonly Line[]): string[] {
  const ids = [...new Set(lines.filter(({ what }) => what === 'work').map(({ work }) => text(work)))];
  if (ids.length === 0) return [];
  const median = (part: string, id: string) => {
    return figure(lines.find((line) => line.part === part && line.work === id && line.failure === undefined)?.median);
  };
  const rows = ids.map((id) => [id.padEnd(26), ...works.map((part) => median(part, id))].join(' '));
  return ['', ['Median, ms'.padEnd(26), ...works.map((part) => part.padStart(12))].join(' '), ...rows];
}

const figure = (value: unknown): string => (typeof value === 'number' ? value.toPrecision(4) : '—').padStart(12);

/** The first of what went wrong; the rest is in the file. */
const MAX_WRONG = 10;

function wrongRows(lines: readonly Line[]): string[] {
  const wrong = lines.filter(isWrong);
  if (wrong.length === 0) return [];
  const rows = wrong.slice(0, MAX_WRONG).map((line) => {
    const { part, name, work, why, failure, text: garbage, error } = line;
    const reason = why ?? failure ?? garbage ?? `error ${text(error)}`;
    return `${[part, name ?? work].filter(Boolean).join(' ')}: ${text(reason).replaceAll(/\s+/g, ' ')}`;
  });
  const more = wrong.length > MAX_WRONG ? [`and ${wrong.length - MAX_WRONG} more`] : [];
  return ['', 'Wrong', ...rows, ...more];
}
