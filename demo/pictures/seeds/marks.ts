import { svg } from '../../drawing/svg.ts';
import { counted } from '../../experiments/words.ts';
import { LEARNED } from '../learned.ts';
import { html } from '../../drawing/html.ts';
import type { SettingId } from '../../training/jobs/seeds.ts';
import {
  accuracyAfter,
  EPOCHS,
  POST,
  type Runs,
  type SeedsState,
  SETTINGS,
  settingsOf,
  shareLearned,
  TICKS,
  WITHOUT_MEMORY,
} from './data.ts';

const HEIGHT = 300;
const FRAME = { left: 40, right: 12, top: 8, bottom: 40 };

/** The least accuracy on the axis. Networks that are wrong more often than by guessing lie on it. */
const LEAST = 0.4;

/** One chart with a thin line for each network: epochs from left to right, test accuracy upwards. */
export class SeedsChart {
  readonly element = svg('svg', { class: 'seeds-chart', role: 'img', height: HEIGHT });
  #width = 640;
  #runs?: Runs;
  #state?: SeedsState;

  constructor(onPoint: (epoch: number) => void) {
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width;
      this.#paint();
    }).observe(this.element);
    for (const type of ['pointermove', 'pointerdown'] as const) {
      this.element.addEventListener(type, ({ clientX }) => {
        const { left, width } = this.element.getBoundingClientRect();
        const share = (clientX - left - FRAME.left) / (width - FRAME.left - FRAME.right);
        onPoint(Math.max(1, Math.min(EPOCHS, Math.round(1 + share * (EPOCHS - 1)))));
      });
    }
  }

  draw(runs: Runs, state: SeedsState, label: string): void {
    this.#runs = runs;
    this.#state = state;
    this.element.setAttribute('aria-label', label);
    this.#paint();
  }

  #paint(): void {
    if (!this.#runs || !this.#state || this.#width === 0) return;
    const { shown, epoch } = this.#state;
    const runs = this.#runs;
    const lines = settingsOf(shown).map(({ id }) =>
      svg('g', { class: `lines ${id}` }, ...runs[id].flatMap((right) => this.#line(right)), ...this.#end(id, runs[id])),
    );
    const x = this.#x(epoch);
    const marker = svg('line', { class: 'marker', x1: x, x2: x, y1: FRAME.top, y2: HEIGHT - FRAME.bottom });
    this.element.replaceChildren(...this.#grid(), ...lines, ...this.#labels(), marker);
  }

  #line(right: readonly number[]): SVGElement[] {
    if (right.length === 0) return [];
    const points = right.map((_, index) => `${this.#x(index + 1)} ${y(accuracyAfter(right, index + 1)!)}`);
    // A line of one point would not be seen.
    const [first] = points;
    return [svg('path', { d: `M${points.length === 1 ? `${first}h4` : points.join('L')}` })];
  }

  /** Says where lines end early, which are not trained any longer. */
  #end(id: SettingId, lines: Runs[SettingId]): SVGElement[] {
    const epochs = Math.max(0, ...lines.map(({ length }) => length));
    if (id !== 'reset' || epochs === 0) return [];
    return [
      svg(
        'text',
        { class: 'bound', x: this.#x(epochs) + 6, y: y(1) + 4 },
        `with the reset: ${counted(epochs, 'epoch')}`,
      ),
    ];
  }

  #grid(): SVGElement[] {
    const numbers = [LEAST, 0.6, 0.8, 1];
    const across = { x1: FRAME.left, x2: this.#width - FRAME.right };
    const rules = numbers.flatMap((value) => [
      svg('line', { class: 'rule', ...across, y1: y(value), y2: y(value) }),
      svg('text', { x: FRAME.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value.toFixed(1)),
    ]);
    const epochs = TICKS.map((epoch) =>
      svg('text', { x: this.#x(epoch), y: HEIGHT - 22, 'text-anchor': 'middle' }, String(epoch)),
    );
    const middle = (FRAME.left + this.#width - FRAME.right) / 2;
    return [...rules, ...epochs, svg('text', { x: middle, y: HEIGHT - 4, 'text-anchor': 'middle' }, 'epoch')];
  }

  /** The lines to compare with, which say themselves what they are. */
  #labels(): SVGElement[] {
    const right = this.#width - FRAME.right;
    const marks: [number, string, number][] = [
      [LEARNED, `learned: ${LEARNED} and more`, 14],
      [WITHOUT_MEMORY, `best without memory: ${WITHOUT_MEMORY.toFixed(4)}`, -5],
      [POST, `the post: ${POST.toFixed(4)}`, 14],
    ];
    return marks.flatMap(([value, text, below]) => [
      svg('line', { class: 'bound', x1: FRAME.left, x2: right, y1: y(value), y2: y(value) }),
      svg('text', { class: 'bound', x: right, y: y(value) + below, 'text-anchor': 'end' }, text),
    ]);
  }

  #x(epoch: number): number {
    return FRAME.left + ((epoch - 1) / (EPOCHS - 1)) * (this.#width - FRAME.left - FRAME.right);
  }
}

function y(accuracy: number): number {
  const share = (Math.max(LEAST, accuracy) - LEAST) / (1 - LEAST);
  return HEIGHT - FRAME.bottom - share * (HEIGHT - FRAME.top - FRAME.bottom);
}

/** A line as the chart draws those of a setting. */
function lineSample(id: string): SVGElement {
  return svg(
    'svg',
    { class: 'seeds-chart sample', width: 36, height: 12, 'aria-hidden': 'true' },
    svg('g', { class: `lines ${id}` }, svg('path', { d: 'M0 6h36' })),
  );
}

/** Which line is which, and how many of each have learned the task. */
export class SeedsLegend {
  readonly #shares = SETTINGS.map(() => html('b'));
  readonly element = html(
    'ul',
    { className: 'seeds-legend' },
    ...SETTINGS.map(({ id, name }, index) => html('li', {}, lineSample(id), `${name}: `, this.#shares[index])),
  );

  draw(runs: Runs, epoch: number): void {
    SETTINGS.forEach(({ id }, index) => {
      const { learned, networks } = shareLearned(runs[id], epoch);
      this.#shares[index].textContent = networks === 0 ? '–' : `${learned} of ${networks}`;
    });
  }
}
