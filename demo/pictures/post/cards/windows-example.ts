import { html } from '../../../drawing/html.ts';
import { svg } from '../../../drawing/svg.ts';
import { prepareSequences } from '../../../experiments/data/prepare-sequences.ts';

const SEQUENCE = [1, 0, 0, 0, 0];
const WINDOW = 2;
/** The size of a square, and of a row with the room below it. */
const [CELL, ROW] = [26, 32];

/** The post's example: a sequence of five, and below each other its windows of two, at the places from which they were cut. */
export function windowsExample(): HTMLElement {
  const windows = prepareSequences(
    { data: Float32Array.from(SEQUENCE), shape: [1, SEQUENCE.length] },
    { data: Float32Array.of(SEQUENCE[0]), shape: [1, 1] },
    WINDOW,
  );
  const count = windows.y.data.length;
  const cells: SVGElement[] = SEQUENCE.map((value, step) => cell(value, step, 0));
  for (let window = 0; window < count; window++) {
    for (let step = 0; step < WINDOW; step++) {
      cells.push(cell(windows.x.data[window * WINDOW + step], window + step, window + 1));
    }
    const target = svg(
      'text',
      { x: (SEQUENCE.length + 0.5) * CELL, y: textAt(window + 1) },
      `→ ${windows.y.data[window]}`,
    );
    cells.push(target);
  }
  const [width, height] = [(SEQUENCE.length + 2) * CELL, (count + 1) * ROW];
  const label = `The sequence ${SEQUENCE.join(' ')} becomes ${count} windows of ${WINDOW}, each with the target ${SEQUENCE[0]}`;
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label },
    ...cells,
  );
  return html('figure', { className: 'example' }, picture);
}

function cell(value: number, step: number, row: number): SVGElement {
  const [x, y] = [step * CELL, row * ROW];
  return svg(
    'g',
    value === 1 ? { class: 'one' } : {},
    svg('rect', { x: x + 0.5, y: y + 0.5, width: CELL - 1, height: CELL - 1 }),
    svg('text', { x: x + CELL / 2, y: textAt(row), 'text-anchor': 'middle' }, String(value)),
  );
}

/** The height of a text in the middle of a row. */
function textAt(row: number): number {
  return row * ROW + CELL * 0.68;
}
