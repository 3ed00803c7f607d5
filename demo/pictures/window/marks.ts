import { SEQUENCE_LENGTH } from '../../experiments/data/sequences.ts';
import { label, shape, type Shape } from '../../drawing/shapes.ts';
import { rowsOf, sequenceOf, type Row, type Target, type View, windowsIn } from './data.ts';
import { describe } from './words.ts';

/** Sizes in CSS pixels: the picture is drawn in the room that it has and never scaled, so that its text stays readable. */
const [SMALLEST_CELL, LARGEST_CELL] = [12, 15];
const STRIP = 28;
const FIRST_ROW = 44;
const ROWS_HEIGHT = 260;
const MARK = 24;
/** Room on the left for the outlines of what begins there. */
const LEFT = 2;
/** The end of the window, by which its length is dragged. */
const HANDLE = 12;

export function cellSize(room: number): number {
  return Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, Math.floor((room - MARK - LEFT) / SEQUENCE_LENGTH)));
}

/** The step of the sequence under a place of the picture, counted from 0 and between two steps a fraction. */
export function stepAt(x: number, room: number): number {
  return (x - LEFT) / cellSize(room);
}

/** Whether a place of the picture belongs to the end of the window. */
export function isHandle(x: number, { length, start }: View, room: number): boolean {
  return Math.abs(x - LEFT - (start + length) * cellSize(room)) <= HANDLE;
}

/** Draws the sequence with a target, the window on it, and below it all windows of that length. */
export function picture(target: Target, view: View, room: number): Shape {
  const cell = cellSize(room);
  const { length, start } = view;
  const isKnown = view.guess !== 'none';
  const height = Math.min(20, Math.floor(ROWS_HEIGHT / windowsIn(length)));
  const rows = rowsOf(length).filter((row) => row.target === target);
  const width = LEFT + SEQUENCE_LENGTH * cell + MARK;
  return shape(
    'svg',
    {
      class: 'windows',
      width,
      height: FIRST_ROW + ROWS_HEIGHT,
      viewBox: `${-LEFT} 0 ${width} ${FIRST_ROW + ROWS_HEIGHT}`,
      role: 'img',
      'aria-label': describe(length, target),
    },
    hatch(target),
    ...drawCells(sequenceOf(target), { x: 0, y: 2, cell, height: STRIP - 4 }),
    ...rows.map((row) => drawRow(row, { cell, height, isKnown, isPicked: row.start === start })),
    shape('rect', { class: 'window', x: start * cell, y: 1, width: length * cell, height: STRIP - 2, rx: 3 }),
    shape('rect', { class: 'grip', x: (start + length) * cell - 3, y: 5, width: 6, height: STRIP - 10, rx: 3 }),
  );
}

/** The lines of rows that nobody can tell apart, so that not only colour says so. */
function hatch(target: Target): Shape {
  return shape(
    'pattern',
    { id: `hatch-${target}`, width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    shape('rect', { class: 'hatch-paper', width: 5, height: 5 }),
    shape('line', { class: 'hatch-line', y2: 5 }),
  );
}

interface RowLayout {
  cell: number;
  height: number;
  /** Whether the reader knows by now which rows can be told apart. */
  isKnown: boolean;
  isPicked: boolean;
}

function drawRow(row: Row, { cell, height, isKnown, isPicked }: RowLayout): Shape {
  const y = FIRST_ROW + row.start * height;
  const look = isKnown && row.isAlike ? { class: 'alike', fill: `url(#hatch-${row.target})` } : undefined;
  const cells = drawCells(row.cells, { x: row.start * cell, y, cell, height: height - 1 }, look);
  const outline = { x: row.start * cell - 1, y: y - 1, width: row.cells.length * cell + 1, height: height + 1 };
  return shape(
    'g',
    { class: isKnown && !row.isAlike ? 'row sure' : 'row' },
    ...cells,
    ...(isPicked ? [shape('rect', { class: 'picked', ...outline })] : []),
    ...(isKnown ? [drawMark(row.isRight, SEQUENCE_LENGTH * cell + MARK / 2, y + (height - 1) / 2)] : []),
  );
}

interface Place {
  x: number;
  y: number;
  cell: number;
  height: number;
}

/** Numbers side by side: zeros as one shape, so that a redraw is quick, and each one with its number. */
function drawCells(
  values: readonly number[],
  { x, y, cell, height }: Place,
  look: Shape['attributes'] = { class: 'cell' },
): Shape[] {
  const at = (index: number): number => x + index * cell;
  const zeros = values.flatMap((value, index) =>
    value === 0 ? [`M${at(index)} ${y}h${cell - 1}v${height}h${1 - cell}z`] : [],
  );
  const ones = values.flatMap((value, index) => (value === 1 ? [index] : []));
  return [
    shape('path', { ...look, d: zeros.join('') }),
    ...ones.map((index) =>
      shape(
        'g',
        { class: 'one' },
        shape('rect', { x: at(index), y, width: cell - 1, height }),
        label('1', at(index) + (cell - 1) / 2, y + height / 2 + 4),
      ),
    ),
  ];
}

/** A tick or a cross. */
function drawMark(isRight: boolean, x: number, y: number): Shape {
  const d = isRight ? `M${x - 5} ${y}l3.5 4l6 -8` : `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`;
  return shape('path', { class: isRight ? 'mark right' : 'mark wrong', d });
}
