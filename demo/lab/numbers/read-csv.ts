import { counted } from '../../experiments/words.ts';
import { cutIntoRows, emptyLinesBetween, type Row, type Separator, separatorOf } from './cells.ts';
import { CsvError } from './csv-error.ts';
import { MOST_VALUES } from './plan.ts';
import { areSeveral, readNumber } from './read-number.ts';
import { type Commas, unclearMarks } from './unclear-marks.ts';

export interface Column {
  name: string;
  values: number[];
  /** Sentences about its cells that are no numbers, which have no place in `values`. */
  problems: string[];
}

export interface NumberTable {
  separator: Separator;
  /** Whether the first line is names. */
  hasHeader: boolean;
  /** Lines between others that have nothing in them, and are left out. */
  emptyLines: number;
  /** One at least, each with one value or problem a row. */
  columns: Column[];
}

/** A cell and where it stands. */
interface Place {
  line: number;
  column: number;
  text: string;
}

/** Longer texts are not read, since the page would stand still meanwhile. */
export const MOST_CHARACTERS = 1_000_000;

/** One line may be names. */
const MOST_ROWS = MOST_VALUES + 1;

/** How a text is meant, where the reader has said it. */
export interface Meaning {
  commas?: Commas;
  /** Whether the first line is names. Without it, it is where it holds no number. */
  hasHeader?: boolean;
}

/** Reads a table of numbers. Its first line may be names. @throws CsvError that says line and column */
export function readCsv(given: string, meaning: Meaning = {}): NumberTable {
  const { commas = 'guess' } = meaning;
  if (given.length > MOST_CHARACTERS) throw tooLong(given.length);
  const text = given.replace(/^\ufeff/, '');
  const separator = commas === 'separators' ? ',' : separatorOf(commas === 'decimals' ? withoutCommas(text) : text);
  const rows = cutIntoRows(text, separator, MOST_ROWS);
  if (rows.length === 0) throw new CsvError('There is nothing in it yet.');
  if (rows.length > MOST_ROWS) {
    const most = MOST_VALUES.toLocaleString('en');
    throw new CsvError(
      `It has more than ${most} lines. The lab takes up to ${most} values, which can be learned while you watch.`,
    );
  }
  if (separator === ',' && commas === 'guess' && mayBeDecimals(rows)) {
    // Lines with and without a comma cannot be columns, but can be numbers with and without decimals.
    if (rows.some(({ cells }) => cells.length === 1))
      return tableOf(cutIntoRows(text, 'none', MOST_ROWS), 'none', meaning);
    const [{ line, cells }] = rows;
    throw new CsvError(
      `Line ${line}, column 1: “${cells[0].text},${cells[1].text}” may be one number with a decimal comma, ` +
        'or two columns. Choose under “Commas” what they are.',
      true,
    );
  }
  return tableOf(rows, separator, meaning);
}

/** The refusal of a text of so many characters. */
export function tooLong(characters: number): CsvError {
  const [count, most] = [characters, MOST_CHARACTERS].map((value) => value.toLocaleString('en'));
  return new CsvError(`It has ${count} characters. The lab reads up to ${most}: give it fewer lines.`);
}

/** A text whose commas do not count when its separator is looked for. */
const withoutCommas = (text: string): string => text.replaceAll(',', '.');

/** Whether every line, but for a name above them, is a whole number or two of them, such as 1,5 and 1.234,5. */
function mayBeDecimals(rows: readonly Row[]): boolean {
  const isName = rows[0].cells.length === 1 && typeof readNumber(rows[0].cells[0].text) !== 'number';
  const body = isName ? rows.slice(1) : rows;
  return body.every(({ cells: [whole, decimals, ...others] }) => {
    const isPlain = !whole.isQuoted && /^[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+)$/.test(whole.text) && others.length === 0;
    return isPlain && (!decimals || (!decimals.isQuoted && /^\d+(e[+-]?\d+)?$/i.test(decimals.text)));
  });
}

/** @throws CsvError if the rows have different numbers of cells, or there are only names */
function tableOf(rows: readonly Row[], separator: Separator, meaning: Meaning): NumberTable {
  const { commas = 'guess' } = meaning;
  const [first] = rows;
  const numbers = first.cells.filter(({ text }) => typeof readNumber(text) === 'number');
  // One line of many numbers is a series that was written across.
  if (rows.length === 1 && numbers.length > 1 && !meaning.hasHeader) {
    const across = first.cells.map(({ text }, index) => ({ line: first.line, column: index + 1, text }));
    return { separator, hasHeader: false, emptyLines: 0, columns: [columnOf('line 1', across, commas)] };
  }
  const width = first.cells.length;
  const ragged = rows.find(({ cells }) => cells.length !== width);
  if (ragged) {
    const count = ragged.cells.length;
    throw new CsvError(
      `Line ${ragged.line}, column ${Math.min(count, width) + 1}: this line has ${counted(count, 'cell')}, and line ` +
        `${first.line} has ${width}. Give all lines as many.`,
    );
  }
  const looksLikeNames = numbers.length === 0 && !first.cells.some(({ text }) => areSeveral(text));
  const { hasHeader = looksLikeNames } = meaning;
  const body = hasHeader ? rows.slice(1) : rows;
  if (body.length === 0) throw new CsvError(`Line ${first.line}: it is read as names, and there is no line below.`);
  const columns = first.cells.map(({ text }, index) => {
    const name = hasHeader && text !== '' ? text : `column ${index + 1}`;
    const places = body.map(({ line, cells }) => ({ line, column: index + 1, text: cells[index].text }));
    return columnOf(name, places, commas);
  });
  return { separator, hasHeader, emptyLines: emptyLinesBetween(body), columns };
}

function columnOf(name: string, places: readonly Place[], commas: Commas): Column {
  const values: number[] = [];
  const problems: string[] = [];
  const whyUnclear = unclearMarks(
    places.map(({ text }) => text),
    commas,
  );
  for (const { line, column, text } of places) {
    const value = whyUnclear(text) ?? readNumber(text);
    const cell = text === '' ? 'the cell' : `“${shortened(text)}”`;
    if (typeof value === 'number') values.push(value);
    else problems.push(`Line ${line}, column ${column}: ${cell} ${value}.`);
  }
  return { name, values, problems };
}

const shortened = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** The column that a reader most likely means: the first of numbers that does more than to count its rows. */
export function likeliestColumn({ columns }: NumberTable): number {
  const isWhole = ({ problems }: Column): boolean => problems.length === 0;
  const counts = ({ values }: Column): boolean =>
    values.length > 1 && values.every((value, row) => value === values[0] + row);
  const best = columns.findIndex((column) => isWhole(column) && !counts(column));
  if (best >= 0) return best;
  const fewest = Math.min(...columns.map(({ problems }) => problems.length));
  return columns.findIndex(({ problems }) => problems.length === fewest);
}
