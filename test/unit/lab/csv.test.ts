import { expect, test } from 'vitest';
import { CsvError } from '../../../demo/lab/numbers/csv-error.ts';
import { likeliestColumn, readCsv } from '../../../demo/lab/numbers/read-csv.ts';
import type { Commas } from '../../../demo/lab/numbers/unclear-marks.ts';

const valuesOf = (text: string, commas?: Commas) => readCsv(text, { commas }).columns.map(({ values }) => values);
const namesOf = (text: string) => readCsv(text).columns.map(({ name }) => name);
const problemsOf = (text: string, commas?: Commas) =>
  readCsv(text, { commas }).columns.flatMap(({ problems }) => problems);

function refusalOf(text: string, commas?: Commas): CsvError {
  try {
    readCsv(text, { commas });
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error('It was read.');
}

test('the first line is names where it looks like it, or where the reader says so', () => {
  const years = '2019,2020\n1.5,2\n3,4.5';
  const read = (text: string, hasHeader?: boolean) => {
    const { columns, ...table } = readCsv(text, { hasHeader });
    return { hasHeader: table.hasHeader, columns: columns.map(({ name, values }) => ({ name, values })) };
  };
  expect(read(years)).toEqual({
    hasHeader: false,
    columns: [
      { name: 'column 1', values: [2019, 1.5, 3] },
      { name: 'column 2', values: [2020, 2, 4.5] },
    ],
  });
  expect(read(years, true)).toEqual({
    hasHeader: true,
    columns: [
      { name: '2019', values: [1.5, 3] },
      { name: '2020', values: [2, 4.5] },
    ],
  });
  expect(readCsv('a,b\n1,2', { hasHeader: false }).columns.map(({ problems }) => problems[0])).toEqual([
    'Line 1, column 1: “a” is no number.',
    'Line 1, column 2: “b” is no number.',
  ]);
  expect(() => readCsv('1,2,3', { hasHeader: true })).toThrow(
    'Line 1: it is read as names, and there is no line below.',
  );
});

test.each([
  ['one column', '1\n2\n3', [[1, 2, 3]]],
  [
    'commas',
    '1,2\n3,4.5',
    [
      [1, 3],
      [2, 4.5],
    ],
  ],
  [
    'semicolons',
    '1;2\n3;4',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  [
    'tabs',
    '1\t2\n3\t4',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['ends of lines of Windows', '1\r\n2\r\n', [[1, 2]]],
  ['ends of lines of old Macs', '1\r2', [[1, 2]]],
  ['a mark of the order of bytes', '\ufeff1\n2', [[1, 2]]],
  ['empty lines', '\n1\n\n  \n2\n\n', [[1, 2]]],
  [
    'spaces around',
    ' 1 , 2 \n 3 , 4.5 ',
    [
      [1, 3],
      [2, 4.5],
    ],
  ],
  [
    'quotes',
    '"1","2"\n"3","4"',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['exponents, signs and bare points', '1e3\n-2.5E-2\n+.5\n3.', [[1000, -0.025, 0.5, 3]]],
  ['minus signs of typographers', '−1\n−2e−1', [[-1, -0.2]]],
  ['a single line of many numbers', '1, 2, 3, 4', [[1, 2, 3, 4]]],
  [
    'lines of separators at the end',
    '1;2\n3;4\n;\n;',
    [
      [1, 3],
      [2, 4],
    ],
  ],
])('reads %s', (_what, text, expected) => {
  expect(valuesOf(text)).toEqual(expected);
});

test('the first line is names if it has no number', () => {
  expect(namesOf('hour,"temperature, in °C"\n0,15\n1,16')).toEqual(['hour', 'temperature, in °C']);
  expect(namesOf('0,1.5\n1,2.5')).toEqual(['column 1', 'column 2']);
  expect(namesOf('a,,c\n1,2,3')).toEqual(['a', 'column 2', 'c']);
});

test('quotes hold separators, ends of lines and doubled quotes', () => {
  const { columns } = readCsv('"a ""b"", c","d\ne"\n1,2\nx,3');
  expect(columns.map(({ name }) => name)).toEqual(['a "b", c', 'd\ne']);
  // Lines are counted as an editor counts them, those within quotes too.
  expect(columns[0].problems).toEqual(['Line 4, column 1: “x” is no number.']);
});

test.each([
  [
    'beside semicolons',
    '1,5;2\n2,5;3',
    [
      [1.5, 2.5],
      [2, 3],
    ],
  ],
  [
    'beside tabs',
    '1,5\t2\n2,25\t3',
    [
      [1.5, 2.25],
      [2, 3],
    ],
  ],
  [
    'in quotes',
    '"1,5",2\n"2,5",3',
    [
      [1.5, 2.5],
      [2, 3],
    ],
  ],
  ['below a single name', 'temperature\n1,5\n-2,5', [[1.5, -2.5]]],
  ['beside whole numbers', '1,5\n2\n3,5', [[1.5, 2, 3.5]]],
  ['below a single name, beside whole numbers', 'temperature\n1,5\n2', [[1.5, 2]]],
])('decimal commas are told from separators %s', (_what, text, expected) => {
  expect(valuesOf(text)).toEqual(expected);
});

test.each([
  ['below two names', 'a,b\n1,5\n2,6'],
  ['where a second part has a sign', '1,-5\n2,6'],
  ['where a part has decimals', '1.5,2\n2.5,3'],
])('commas part columns %s', (_what, text) => {
  expect(readCsv(text).columns).toHaveLength(2);
});

test('commas that may be either are refused until the reader says what they are', () => {
  const text = '1,5\n2,25\n3,75';
  const { message, choosesCommas } = refusalOf(text);
  expect(message).toBe(
    'Line 1, column 1: “1,5” may be one number with a decimal comma, or two columns. Choose under “Commas” what they are.',
  );
  expect(choosesCommas).toBe(true);
  expect(valuesOf(text, 'decimals')).toEqual([[1.5, 2.25, 3.75]]);
  expect(valuesOf(text, 'separators')).toEqual([
    [1, 2, 3],
    [5, 25, 75],
  ]);
});

test('whole numbers with points between thousands may have decimal commas too', () => {
  const text = '998,5\n1.000,5';
  expect(refusalOf(text).message).toContain('“998,5” may be one number with a decimal comma, or two columns.');
  expect(problemsOf(text, 'decimals')).toEqual([
    'Line 2, column 1: “1.000,5” has marks between its thousands: leave them out.',
  ]);
  expect(valuesOf(text, 'separators')).toEqual([
    [998, 1],
    [5, 5],
  ]);
  expect(valuesOf('0.123,4\n1.000,5')).toHaveLength(2);
});

test('a point before three digits may part thousands where there are signs of it', () => {
  const unclear = 'Line 2, column 1: “1.000” may have decimals or thousands behind its point: choose under “Commas”.';
  const thousands = 'Line 2, column 1: “1.000” has marks between its thousands: leave them out.';
  expect(problemsOf('999\n1.000')).toEqual([unclear]);
  expect(problemsOf('999\n1.000', 'decimals')).toEqual([thousands]);
  expect(problemsOf('999,5\n1.000')).toEqual([thousands]);
  expect(valuesOf('999\n1.000', 'separators')).toEqual([[999, 1]]);
});

test.each([
  ['beside a number that it would part too', '999\n1000\n1.001', [999, 1000, 1.001]],
  ['beside other decimals', '999\n1.5\n1.001', [999, 1.5, 1.001]],
  ['beside small numbers alone', '0\n1.001', [0, 1.001]],
  ['in every number', '1.459\n1.461', [1.459, 1.461]],
])('a point before three digits parts decimals %s', (_where, text, expected) => {
  expect(valuesOf(text)).toEqual([expected]);
});

test('a comma before three digits may part thousands, unless another one does not', () => {
  const unclear = 'may have decimals or thousands behind its comma: choose under “Commas”';
  expect(problemsOf('1,234;1\n5;2')).toEqual([`Line 1, column 1: “1,234” ${unclear}.`]);
  expect(valuesOf('1,234;1\n5;2', 'decimals')).toEqual([
    [1.234, 5],
    [1, 2],
  ]);
  expect(valuesOf('1,234;1\n5,5;2')).toEqual([
    [1.234, 5.5],
    [1, 2],
  ]);
});

test.each([
  ['n/a', 'is no number'],
  ['NaN', 'is no number'],
  ['Infinity', 'is no number'],
  ['0x10', 'is no number'],
  ['1e', 'is no number'],
  ['--1', 'is no number'],
  ['1 234', 'has spaces in it: take them out of one number, and put semicolons between several'],
  ['1\u202f234', 'has marks between its thousands: leave them out'],
  ['1.234.567', 'has marks between its thousands: leave them out'],
  ['1e400', 'is larger than the GPU can hold'],
  ['1e-300', 'is too close to 0 to be computed with: give another unit'],
  ['-2.5e-400', 'is too close to 0 to be computed with: give another unit'],
])('a cell with %s is told with its line and column', (cell, why) => {
  expect(problemsOf(`a;b\n1;2\n3;${cell}`)).toEqual([`Line 3, column 2: “${cell}” ${why}.`]);
});

test('zeros and numbers near the smallest are read', () => {
  expect(valuesOf('0e-999\n-0.0\n1e-290')).toEqual([[0, -0, 1e-290]]);
});

test('an empty cell is told, and a long one is shortened', () => {
  expect(problemsOf('1;2\n3;\n4;5')).toEqual(['Line 2, column 2: the cell is empty.']);
  expect(problemsOf(`1;2\n3;${'x'.repeat(40)}`)).toEqual([`Line 2, column 2: “${'x'.repeat(23)}…” is no number.`]);
});

test('a problem in a line of many numbers says which cell it is in', () => {
  expect(problemsOf('1,2,x,4')).toEqual(['Line 1, column 3: “x” is no number.']);
});

test.each([
  ['nothing', '', 'There is nothing in it yet.'],
  ['lines of nothing', '\n \n', 'There is nothing in it yet.'],
  [
    'a line with a cell too many',
    'a;b\n1;2\n\n3;4;5',
    'Line 4, column 3: this line has 3 cells, and line 1 has 2. Give all lines as many.',
  ],
  [
    'a line with a cell too few',
    '1;2\n3',
    'Line 2, column 2: this line has 1 cell, and line 1 has 2. Give all lines as many.',
  ],
  ['a quote that is never closed', '1;2\n3;"4\n5;6', 'Line 2, column 2: the quote that opens here is never closed.'],
  [
    'text behind a quote',
    '1;2\n"3"x;4',
    'Line 2, column 1: behind the closing quote comes “x”, not the end of the cell.',
  ],
  ['names alone', 'a;b', 'Line 1: it is read as names, and there is no line below.'],
])('refuses %s', (_what, text, message) => {
  expect(refusalOf(text).message).toBe(message);
});

test.each([
  ['the first of numbers', 'a,b\n3,5\n1,6\n2,9', 0],
  ['one that does more than count the rows', 'hour,b\n0,5\n1,6\n2,8', 1],
  ['one without problems', 'date,b\n1 May,5\n2 May,9', 1],
  ['the one with the fewest problems if all have some', 'a,b\nx,y\nz,1', 1],
])('the likeliest column is %s', (_what, text, column) => {
  expect(likeliestColumn(readCsv(text))).toBe(column);
});

test('a table with more lines than can be learned from is refused before its numbers are read', () => {
  const text = Array.from({ length: 75_000 }, (_, row) => `${row},-${row % 7}`).join('\n');
  expect(refusalOf(text).message).toMatch(/^It has more than 20,000 lines\. The lab takes up to 20,000 values/);
  expect(valuesOf(text.split('\n').slice(0, 20_000).join('\n'))[1]).toHaveLength(20_000);
});

test('numbers with spaces between them are refused with what to do, on one line as on several', () => {
  const why = 'has spaces in it: take them out of one number, and put semicolons between several';
  expect(problemsOf('1 2 3')).toEqual([`Line 1, column 1: “1 2 3” ${why}.`]);
  expect(problemsOf('1.5 2\n3 4')).toEqual([`Line 1, column 1: “1.5 2” ${why}.`, `Line 2, column 1: “3 4” ${why}.`]);
  expect(problemsOf('a b\n1 2')).toEqual([`Line 2, column 1: “1 2” ${why}.`]);
});

test.each([
  ['none', '1\n2\n3\n', 0],
  ['none above and below the numbers', '\n\n1\n2\n\n\n', 0],
  ['those between them', 'a\n\n1\n  \n\n2\n3', 2],
  ['those between lines with quotes', '"a"\n"1\n2"\n\n"3"', 1],
  ['none above lines of separators', '1;2\n3;4\n\n;\n', 0],
  ['none beside a single line', '\n1,2,3\n', 0],
])('of empty lines it counts %s', (_which, text, count) => {
  expect(readCsv(text).emptyLines).toBe(count);
});

test('a text of more than a million characters is refused unread', () => {
  const text = '1\n'.repeat(1_000_000);
  expect(refusalOf(text).message).toBe(
    'It has 2,000,000 characters. The lab reads up to 1,000,000: give it fewer lines.',
  );
  // Where a cell is wrong far below, nothing tells of it: reading has ended above.
  expect(refusalOf(`${'"1"\n'.repeat(20_002)}"2`).message).toMatch(/^It has more than 20,000 lines/);
});
