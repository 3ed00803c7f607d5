import { label, shape, type Shape } from '../../drawing/shapes.ts';
import { type Batching, type HandOver, handOversOf, nameOf, PIECES_IN_ALL, SEQUENCES, type Piece } from './data.ts';
import { happeningOf } from './words.ts';

/** Sizes in CSS pixels: the picture is drawn in the room that it has and never scaled, so that its text stays readable. */
const LABEL = 44;
const HEAD = 30;
const ROW = 44;
const PIECE_HEIGHT = 34;
const NARROWEST = 40;
const WIDEST = 148;
const HANDLE = 24;

/** The row in the name of a gap that is the button for all its rows, above the first one. */
export const ALL_ROWS = -1;

interface Layout {
  gap: number;
  piece: number;
  width: number;
  height: number;
}

function layoutOf(batchSize: number, room: number): Layout {
  const batches = PIECES_IN_ALL / batchSize;
  const column = Math.floor((room - LABEL) / batches);
  const gap = column >= 140 ? 56 : column >= 90 ? 40 : 28;
  const piece = Math.max(NARROWEST, Math.min(WIDEST, column - gap));
  return { gap, piece, width: LABEL + batches * (gap + piece), height: HEAD + batchSize * ROW };
}

/**
 * Draws batches as columns, rows as slots, and what is handed over between them.
 *
 * @param room the width that there is; where the pieces need more, the picture is wider
 */
export function picture(batching: Batching, room: number): Shape {
  const { batchSize } = batching;
  const layout = layoutOf(batchSize, room);
  const { gap, piece, width, height } = layout;
  const handOvers = handOversOf(batching);
  const isShort = piece < 60;
  const columnAt = (batch: number): number => LABEL + batch * (gap + piece) + gap;
  const heads = Array.from({ length: PIECES_IN_ALL / batchSize }, (_, batch) =>
    label(isShort ? String(batch) : `batch ${batch}`, columnAt(batch) + piece / 2, 16, { class: 'middle' }),
  );
  const rows = Array.from({ length: batchSize }, (_, row) => label(`row ${row}`, 0, middleOf(row) + 4));
  const columns = heads.map((_, batch) =>
    handOvers.filter((handOver) => handOver.batch === batch).map((handOver) => drawGap(handOver, columnAt(batch), gap)),
  );
  const handles = batchSize === 1 ? [] : columns.map((_, batch) => drawHandle(handOvers, batch, columnAt(batch), gap));
  return shape(
    'svg',
    { class: 'hand-overs', width, height, viewBox: `0 0 ${width} ${height}`, xmlns: 'http://www.w3.org/2000/svg' },
    ...(isShort ? [label('batch', 0, 16)] : []),
    ...heads,
    ...rows,
    ...handOvers.map(({ to, row, batch }) => drawPiece(to, columnAt(batch), row, piece)),
    ...columns.flatMap((gaps, batch) => [...handles.slice(batch, batch + 1), ...gaps]),
  );
}

const topOf = (row: number): number => HEAD + row * ROW + (ROW - PIECE_HEIGHT) / 2;
const middleOf = (row: number): number => HEAD + row * ROW + ROW / 2;

function drawPiece(piece: Piece, x: number, row: number, width: number): Shape {
  const name = width < 76 ? nameOf(piece) : `${SEQUENCES[piece.sequence]} · piece ${piece.part + 1}`;
  return shape(
    'g',
    { class: `piece ${SEQUENCES[piece.sequence].toLowerCase()}` },
    shape('rect', { x: x + 0.5, y: topOf(row) + 0.5, width: width - 1, height: PIECE_HEIGHT - 1, rx: 6 }),
    label(name, x + width / 2, middleOf(row) + 4, { class: 'middle' }),
  );
}

/**
 * The gap in front of a piece, named by its batch and row. A press sets a reset there, or takes it away.
 *
 * @param right where the gap ends and the piece begins
 */
function drawGap(handOver: HandOver, right: number, gap: number): Shape {
  const { batch, row, isReset } = handOver;
  const left = right - gap;
  return shape(
    'g',
    {
      class: 'gap',
      role: 'button',
      tabindex: -1,
      'data-gap': `${batch}.${row}`,
      'aria-pressed': String(isReset),
      'aria-label': happeningOf(handOver),
    },
    shape('rect', { class: 'target', x: left, y: HEAD + row * ROW, width: gap, height: ROW }),
    ...drawLink(handOver, left, right, middleOf(row)),
  );
}

type Link = Pick<HandOver, 'isReset' | 'isRight' | 'isNextEpoch'>;

/** The line between two pieces at a height: solid, or dashed with a cross; or a wall, before which it ends. */
export function drawLink({ isReset, isRight, isNextEpoch }: Link, left: number, right: number, y: number): Shape[] {
  const middle = (left + right) / 2;
  const kind = isNextEpoch ? 'next-epoch' : isRight ? 'right' : 'wrong';
  const start = isNextEpoch ? left + 6 : left + 1;
  if (isReset) {
    const wall = shape('rect', { class: 'wall', x: middle - 2, y: y - ROW / 2, width: 4, height: ROW });
    return isNextEpoch ? [wall] : [line(kind, start, middle - 4, y), wall];
  }
  const head = shape('path', {
    class: `${kind} head`,
    d: `M${right - 8} ${y - 5}L${right - 1} ${y}L${right - 8} ${y + 5}z`,
  });
  if (isRight || isNextEpoch) return [line(kind, start, right - 7, y), head];
  const cross = shape('path', {
    class: 'wrong cross',
    d: `M${middle - 5} ${y - 5}l10 10m0 -10l-10 10`,
  });
  return [line(kind, start, right - 7, y), head, cross];
}

function line(kind: string, x1: number, x2: number, y: number): Shape {
  return shape('line', { class: kind, x1, x2, y1: y, y2: y });
}

/** The button above a gap that resets all its rows. */
function drawHandle(handOvers: readonly HandOver[], batch: number, right: number, gap: number): Shape {
  const rows = handOvers.filter((handOver) => handOver.batch === batch);
  const isReset = rows.every((row) => row.isReset);
  const middle = right - gap / 2;
  return shape(
    'g',
    {
      class: 'gap handle',
      role: 'button',
      tabindex: -1,
      'data-gap': `${batch}.${ALL_ROWS}`,
      'aria-pressed': String(isReset),
      'aria-label': `All rows, before batch ${batch}: ${isReset ? 'a reset' : 'no reset'}.`,
    },
    shape('rect', { class: 'target', x: middle - HANDLE / 2, y: 1, width: HANDLE, height: HANDLE, rx: 6 }),
    shape('rect', { class: 'wall', x: middle - 2, y: isReset ? 6 : 7, width: 4, height: isReset ? HEAD - 6 : 12 }),
  );
}
