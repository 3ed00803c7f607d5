import { HeatMap, SCALE_END } from '../../drawing/heat-map.ts';
import { html } from '../../drawing/html.ts';
import { svg } from '../../drawing/svg.ts';
import { CELLS, LENGTH, startsFromZero, type Mode, type Place, type Reading } from './data.ts';

/** Pixels between an answer of 1 and one of 0, and around them. */
const SPAN = 64;
const MARGIN = 8;

const DOT = 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0';
const CROSS = 'M-4-4L4 4M-4 4L4-4';

/** The words on the edge before a sequence. */
const EDGES: Record<Mode, string> = { reset: 'reset', never: 'no reset', stateless: 'reset at each step' };

/** The part of the tape of one sequence: its input, the cells after each step, and the answers. */
export class Sheet {
  readonly element: HTMLElement;
  /** The numbers of the input, which can be pressed. */
  readonly numbers = Array.from({ length: LENGTH }, () => html('button', { type: 'button', tabIndex: -1 }));
  readonly #map = new HeatMap(CELLS, LENGTH);
  readonly #cursor = html('div', { className: 'cursor' });
  readonly #cells = html('div', { className: 'cells' }, this.#map.canvas, this.#cursor);
  readonly #title = html('b');
  readonly #edge = html('span', { className: 'edge' });
  readonly #dots = Array.from({ length: LENGTH }, () => svg('path'));
  readonly #half = svg('rect', { class: 'half', width: '100%', height: SPAN / 2 });
  readonly #first: number;

  /** @param sequence counted from 0 */
  constructor(private readonly sequence: number) {
    this.#first = sequence * LENGTH;
    const input = html('div', { className: 'numbers', role: 'group' }, ...this.numbers);
    input.ariaLabel = `Input of sequence ${sequence + 1}`;
    this.element = html(
      'div',
      { className: 'sheet' },
      html('p', { className: 'sheet-head' }, this.#edge, this.#title),
      html('p', { className: 'band' }, 'Input x'),
      input,
      html('p', { className: 'band' }, 'Cells c', scaleLegend()),
      this.#cells,
      html('p', { className: 'band' }, 'Answer p, from 0 (below) to 1'),
      this.#answers(),
    );
    this.element.style.setProperty('--steps', String(LENGTH));
    this.element.style.setProperty('--cells', String(CELLS));
  }

  /** @param written how many steps of the tape are there; later ones are left blank */
  draw(readings: readonly Reading[], mode: Mode, written: number, label: string): void {
    const mine = readings.slice(this.#first, this.#first + LENGTH);
    const [{ y }] = mine;
    this.#title.textContent = `Sequence ${this.sequence + 1}, y = ${y}`;
    this.#edge.textContent = this.sequence > 0 || mode === 'stateless' ? EDGES[mode] : '';
    this.element.dataset.edge = startsFromZero(mode, this.#first) ? 'reset' : 'open';
    const values = new Float64Array(CELLS * LENGTH);
    for (const [step, { x, p, c, isRight }] of mine.entries()) {
      const isWritten = this.#first + step < written;
      for (let cell = 0; cell < CELLS; cell++) values[cell * LENGTH + step] = isWritten ? c[cell] : 0;
      this.numbers[step].textContent = String(x);
      this.numbers[step].ariaPressed = String(x === 1);
      this.numbers[step].ariaLabel = `Step ${this.#first + step + 1} reads ${x}`;
      const dot = this.#dots[step];
      dot.setAttribute('d', isRight ? DOT : CROSS);
      dot.setAttribute('class', isRight ? 'right' : 'wrong');
      dot.setAttribute('transform', `translate(0 ${MARGIN + (1 - p) * SPAN})`);
      dot.setAttribute('visibility', isWritten ? 'visible' : 'hidden');
    }
    this.#half.setAttribute('y', String(MARGIN + (y === 1 ? 0 : SPAN / 2)));
    this.#map.canvas.ariaLabel = `Sequence ${this.sequence + 1}. ${label}`;
    this.#map.draw(values);
  }

  /** Marks the place that is looked at, which may be on another sheet. */
  look({ step, cell }: Place): void {
    const column = step - this.#first;
    this.#cursor.hidden = column < 0 || column >= LENGTH;
    this.#cursor.style.left = `${(100 * column) / LENGTH}%`;
    this.#cursor.style.top = `${(100 * cell) / CELLS}%`;
    for (const [index, button] of this.numbers.entries()) button.classList.toggle('looked-at', index === column);
  }

  /** The step under a point of the screen, and the cell if the point is among the cells. */
  placeAt({ clientX, clientY }: Pick<MouseEvent, 'clientX' | 'clientY'>): Partial<Place> | undefined {
    const { top, bottom } = this.element.getBoundingClientRect();
    if (clientY < top || clientY >= bottom) return undefined;
    const cell = this.#map.cellAt({ clientX, clientY });
    const column = (cell ?? this.#map.cellAt({ clientX, clientY: this.#map.canvas.getBoundingClientRect().top + 1 }))
      ?.column;
    if (column === undefined) return undefined;
    return { step: this.#first + column, ...(cell && { cell: cell.row }) };
  }

  #answers(): SVGSVGElement {
    const middle = MARGIN + SPAN / 2;
    const dots = this.#dots.map((dot, step) =>
      svg('svg', { x: `${(100 * (step + 0.5)) / LENGTH}%`, overflow: 'visible' }, dot),
    );
    return svg(
      'svg',
      { class: 'answers', height: SPAN + 2 * MARGIN, 'aria-hidden': 'true' },
      this.#half,
      svg('line', { class: 'middle', x2: '100%', y1: middle, y2: middle }),
      ...dots,
    );
  }
}

function scaleLegend(): HTMLElement {
  return html(
    'span',
    { className: 'scale-legend' },
    `≤ −${SCALE_END}`,
    html('span', { className: 'scale' }),
    `≥ ${SCALE_END}`,
  );
}
