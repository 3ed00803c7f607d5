import { HeatMap, SCALE_END } from '../../drawing/heat-map.ts';
import { html } from '../../drawing/html.ts';
import { svg } from '../../drawing/svg.ts';
import { type Clock, type ClockState, inputAt, SEQUENCE_STEPS, SEQUENCES, STEPS, WINDOW_STEPS } from './data.ts';

/** Below the cells: the answers p, from 0 to 1. */
const ANSWERS = { height: 96, top: 20, bottom: 78 };

/** The tape of a clock: what goes in, what the cells hold, and the answers. It is wider than a phone, and scrolls there. */
export class ClockTape {
  readonly element = html('div', { className: 'clock-tape' });
  readonly #tape = html('div', { className: 'tape' });
  readonly #input = svg('svg', { class: 'input', 'aria-hidden': 'true' });
  readonly #map: HeatMap;
  readonly #answers = svg('svg', { class: 'answers', height: ANSWERS.height, 'aria-hidden': 'true' });
  readonly #cursor = html('div', { className: 'cursor' });
  readonly #row = html('div', { className: 'row' });
  readonly #flips: readonly HTMLButtonElement[];

  /**
   * @param units how many cells there are
   * @param flip turns the first number of a sequence over
   * @param point reads a step, and the cells' row if one was pointed at
   */
  constructor(
    private readonly units: number,
    flip: (sequence: number) => void,
    point: (at: number, row?: number) => void,
  ) {
    this.#map = new HeatMap(units, STEPS);
    this.#flips = Array.from({ length: SEQUENCES }, (_, sequence) => {
      const button = html('button', { type: 'button' });
      button.addEventListener('click', () => flip(sequence));
      return button;
    });
    const heads = html('div', { className: 'heads' }, ...this.#flips);
    heads.style.setProperty('--sequences', String(SEQUENCES));
    const cells = html('div', { className: 'cells' }, this.#map.canvas, this.#row);
    this.#tape.append(heads, this.#input, cells, this.#answers, this.#cursor);
    this.element.append(this.#tape);
    for (const type of ['pointermove', 'pointerdown'] as const) {
      this.#tape.addEventListener(type, (event) => {
        // The buttons are on the way to the cells, and say nothing of a step.
        if (heads.contains(event.target as Element)) return;
        const { left, width } = this.#tape.getBoundingClientRect();
        const at = Math.floor(((event.clientX - left) / width) * STEPS);
        if (at >= 0 && at < STEPS) point(at, this.#map.cellAt(event)?.row);
      });
    }
  }

  /** @param label says in words what the cells show */
  draw(clock: Clock, { answers }: ClockState, label: string): void {
    // Each row has a scale of its own: some cells hold ten times as much as others.
    this.#map.draw(clock.c.map((value, index) => (SCALE_END * value) / clock.largest[Math.floor(index / STEPS)]));
    this.#map.canvas.ariaLabel = label;
    this.#flips.forEach((button, sequence) => {
      button.textContent = `begins with ${answers[sequence]}`;
      button.ariaLabel = `Sequence ${sequence + 1} begins with ${answers[sequence]}. Turn it over.`;
    });
    this.#input.replaceChildren(...inputMarks(answers));
    this.#answers.replaceChildren(...answerMarks(clock));
  }

  /** Marks what is read. */
  mark({ at, row }: ClockState): void {
    this.#cursor.style.left = `${(100 * (at + 0.5)) / STEPS}%`;
    this.#row.style.top = `${(100 * row) / this.units}%`;
    this.#row.style.height = `${100 / this.units}%`;
  }

  /** Scrolls what is read into view, where the tape is wider than the screen. */
  reveal({ at }: ClockState): void {
    const x = (at / STEPS) * this.#tape.clientWidth;
    const { scrollLeft, clientWidth } = this.element;
    if (x < scrollLeft || x > scrollLeft + clientWidth) this.element.scrollLeft = x - clientWidth / 2;
  }
}

const percent = (at: number): string => `${(100 * at) / STEPS}%`;

function inputMarks(answers: ClockState['answers']): SVGElement[] {
  const ones = Array.from({ length: SEQUENCES }, (_, sequence) => sequence * SEQUENCE_STEPS).filter((at) =>
    inputAt(answers, at),
  );
  return [
    svg('rect', { class: 'zeros', width: '100%', height: 18 }),
    ...ones.flatMap((at) => [
      svg('rect', { class: 'one', x: percent(at), width: 12, height: 18 }),
      svg('text', { class: 'one', x: percent(at), dx: 2.5, y: 14 }, '1'),
    ]),
  ];
}

/** A dot for each window; a cross where it is wrong. */
function answerMarks({ windows }: Clock): SVGElement[] {
  const borders = Array.from({ length: SEQUENCES }, (_, sequence) => percent(sequence * SEQUENCE_STEPS));
  const levels = [
    { y: ANSWERS.top, label: 'answer 1', baseline: ANSWERS.top - 7 },
    { y: ANSWERS.bottom, label: 'answer 0', baseline: ANSWERS.bottom + 15 },
  ];
  const marks = windows.map(({ p, isRight }, index) => {
    const y = ANSWERS.bottom - p * (ANSWERS.bottom - ANSWERS.top);
    // An SVG in the SVG may stand at a share of its width, which a path may not.
    const mark = svg('svg', { x: percent((index + 1) * WINDOW_STEPS - 0.5), y, overflow: 'visible' });
    mark.append(
      isRight ? svg('circle', { class: 'right', r: 3.5 }) : svg('path', { class: 'wrong', d: 'M-4-4l8 8m0-8l-8 8' }),
    );
    return mark;
  });
  return [
    ...borders.map((x) => svg('line', { x1: x, x2: x, y1: 0, y2: ANSWERS.height })),
    ...levels.flatMap(({ y, label, baseline }) => [
      svg('line', { x1: 0, x2: '100%', y1: y, y2: y }),
      svg('text', { x: 4, y: baseline }, label),
    ]),
    ...marks,
  ];
}

/** Tells what the colours of the cells mean. */
export function legend(): HTMLElement {
  const scale = html('span', { className: 'scale' });
  return html('p', { className: 'clock-legend' }, 'below 0', scale, 'above 0, each row in its own scale');
}
