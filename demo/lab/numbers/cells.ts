import { CsvError } from './csv-error.ts';

/** The mark between the cells of a line. */
export type Separator = '\t' | ';' | ',' | 'none';

export interface Cell {
  text: string;
  /** Whether it stood in quotes, where a separator is a character like any other. */
  isQuoted: boolean;
}

/** The cells between two ends of lines that stand outside of quotes. */
export interface Row {
  /** The number of its first line in the text, counted from 1. */
  line: number;
  cells: Cell[];
}

const LINE_ENDS = /\r\n|\r|\n/;
const LINE_END = /\r\n|\r|\n/y;
const QUOTED = / *"([^"]*(?:""[^"]*)*)("?) */y;

/**
 * Cuts a text into rows of cells, with the quotes of RFC 4180. Empty lines are left out.
 *
 * @param most nothing is read below the first row that is one too many
 * @throws CsvError
 */
export function cutIntoRows(text: string, separator: Separator, most: number): Row[] {
  const rows: Row[] = [];
  for (const row of text.includes('"') ? cutWithQuotes(text, separator) : cutWithoutQuotes(text, separator)) {
    if (row.cells.length > 1 || !isEmpty(row.cells[0])) rows.push(row);
    if (rows.length > most) return rows;
  }
  // Spreadsheets write lines of separators alone below their last numbers.
  while (rows.at(-1)?.cells.every(isEmpty)) rows.pop();
  return rows;
}

/** How many lines between the first row and the last one are in none of them, since they are empty. */
export function emptyLinesBetween(rows: readonly Row[]): number {
  const linesOf = ({ cells }: Row): number =>
    cells.reduce((lines, { text, isQuoted }) => lines + (isQuoted ? text.split(LINE_ENDS).length - 1 : 0), 1);
  return rows.slice(1).reduce((empty, { line }, above) => empty + line - rows[above].line - linesOf(rows[above]), 0);
}

function* cutWithoutQuotes(text: string, separator: Separator): Generator<Row> {
  for (const [index, whole] of text.split(LINE_ENDS).entries()) {
    if (whole === '') continue;
    const cells = separator === 'none' ? [whole] : whole.split(separator);
    yield { line: index + 1, cells: cells.map((text) => ({ text: text.trim(), isQuoted: false })) };
  }
}

/** @throws CsvError */
function* cutWithQuotes(text: string, separator: Separator): Generator<Row> {
  const plain = new RegExp(separator === 'none' ? '[^\\r\\n]*' : `[^\\r\\n${separator}]*`, 'y');
  let row: Row = { line: 1, cells: [] };
  let [line, at] = [1, 0];

  /** Takes what matches here, and goes on behind it. */
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match;
  };
  const takeCell = (): Cell => {
    const quoted = take(QUOTED);
    if (!quoted) return { text: take(plain)![0].trim(), isQuoted: false };
    const where = `Line ${line}, column ${row.cells.length + 1}`;
    const [, inner, closing] = quoted;
    if (closing === '') throw new CsvError(`${where}: the quote that opens here is never closed.`);
    if (at < text.length && text[at] !== separator && !/[\r\n]/.test(text[at])) {
      throw new CsvError(`${where}: behind the closing quote comes “${text[at]}”, not the end of the cell.`);
    }
    line += inner.split(LINE_ENDS).length - 1;
    return { text: inner.replaceAll('""', '"'), isQuoted: true };
  };

  for (;;) {
    row.cells.push(takeCell());
    if (text[at] === separator) {
      at++;
      continue;
    }
    yield row;
    if (!take(LINE_END)) return;
    row = { line: ++line, cells: [] };
  }
}

const isEmpty = ({ text, isQuoted }: Cell): boolean => text === '' && !isQuoted;

/** Finds the separator of a text: that of the three which parts its first lines alike. */
export function separatorOf(text: string): Separator {
  const lines = text
    .slice(0, 10_000)
    .split(LINE_ENDS)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  // The last of several lines may be cut off.
  const whole = lines.length > 1 && text.length > 10_000 ? lines.slice(0, -1) : lines;
  const counts = (separator: string): number[] => whole.map((line) => outsideQuotes(line).split(separator).length - 1);
  const candidates = (['\t', ';', ','] as const).map((separator) => ({ separator, counts: counts(separator) }));
  const even = candidates.find(({ counts }) => counts[0] > 0 && counts.every((count) => count === counts[0]));
  return (even ?? candidates.find(({ counts }) => counts.some((count) => count > 0)))?.separator ?? 'none';
}

const outsideQuotes = (line: string): string => line.replaceAll(/"(?:[^"]|"")*"/g, '');
