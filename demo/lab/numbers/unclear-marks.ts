import { THOUSANDS, type Why } from './read-number.ts';

/** How commas are meant. `'guess'` tells where it cannot know. */
export type Commas = 'guess' | 'separators' | 'decimals';

/** Numbers whose only mark could part decimals as well as thousands: 1,234 and 1.234. */
const TWOFOLD = { ',': /^[+-]?[1-9]\d{0,2},\d{3}$/, '.': /^[+-]?[1-9]\d{0,2}\.\d{3}$/ };

const whyAsked = (mark: string): Why => `may have decimals or thousands behind its ${mark}: choose under “Commas”`;

/**
 * Looks at all cells of a column for marks that cannot be read from one cell alone.
 *
 * @returns why a cell is not to be read, if that is so
 */
export function unclearMarks(cells: readonly string[], commas: Commas): (cell: string) => Why | undefined {
  const isAlways = (mark: ',' | '.'): boolean => {
    const having = cells.filter((cell) => cell.includes(mark));
    return having.length > 0 && having.every((cell) => TWOFOLD[mark].test(cell.trim()));
  };
  const whyComma = commas !== 'decimals' && isAlways(',') ? whyAsked('comma') : undefined;
  const whyPoint = isAlways('.') ? whyOfPoint(cells, commas) : undefined;
  return (cell) => (cell.includes(',') ? whyComma : cell.includes('.') ? whyPoint : undefined);
}

/** Why points with three digits behind them are not read as decimals, if there are signs that they part thousands. */
function whyOfPoint(cells: readonly string[], commas: Commas): Why | undefined {
  const hasDecimalComma = cells.some((cell) => cell.includes(',') && !TWOFOLD[','].test(cell.trim()));
  if (commas === 'decimals' || hasDecimalComma) return THOUSANDS;
  if (commas === 'separators') return undefined;
  // Numbers from 100 to 999 have no point, and none from 1000 on lacks it: so 998, 999, 1.000 would be written.
  const digits = cells.map((cell) => /^[+-]?(\d+)$/.exec(cell.trim())?.[1].length ?? 0);
  return digits.includes(3) && Math.max(...digits) === 3 ? whyAsked('point') : undefined;
}
