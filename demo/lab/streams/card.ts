import { HeatMap } from '../../drawing/heat-map.ts';
import { html } from '../../drawing/html.ts';
import { colorOf, onThemeChange } from '../../drawing/theme.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { type History, KEPT, nameOf, type SeatsState, streamWords } from './data.ts';
import { UNITS } from './plan.ts';

/** One stream, larger: what it heard and expected, and its state, over the last steps. */
export class StreamCard {
  readonly #words = html('p', { className: 'what' });
  readonly #waves = html('canvas', { className: 'waves' });
  readonly #states = new HeatMap(UNITS, KEPT);
  readonly #table = new TableTwin('The state of the stream');
  readonly element = html(
    'div',
    { className: 'stream-card' },
    this.#words,
    this.#waves,
    this.#states.canvas,
    this.#table.element,
  );
  #paint = (): void => {};

  constructor() {
    this.#waves.setAttribute('role', 'img');
    this.#states.canvas.className = 'states';
    new ResizeObserver(() => this.#resize()).observe(this.#waves);
    onThemeChange(() => this.#paint());
  }

  draw(history: History, seat: number, state: SeatsState): void {
    this.#words.textContent = streamWords(history, seat, state);
    const name = nameOf(seat);
    this.#waves.ariaLabel = `What ${name} heard, and what it had expected, over its last ${KEPT} steps`;
    this.#states.canvas.ariaLabel = `h of the ${UNITS} units of ${name} over its last ${KEPT} steps`;
    const count = history.length(seat);
    const states = new Float32Array(UNITS * KEPT);
    for (let unit = 0; unit < UNITS; unit++) {
      for (let ago = 0; ago < count; ago++) states[unit * KEPT + KEPT - 1 - ago] = history.h(seat, unit, ago);
    }
    this.#states.draw(states);
    this.#table.show(() => ({
      columns: ['unit', 'h'],
      rows: Array.from({ length: UNITS }, (_, unit) => [
        unit + 1,
        count === 0 ? '–' : history.h(seat, unit, 0).toFixed(3),
      ]),
    }));
    this.#paint = () => this.#paintWaves(history, seat, count);
    this.#paint();
  }

  #paintWaves(history: History, seat: number, count: number): void {
    const { width, height } = this.#waves;
    const context = this.#waves.getContext('2d')!;
    context.clearRect(0, 0, width, height);
    context.lineWidth = 1.5 * devicePixelRatio;
    const line = (color: string, length: number, value: (ago: number) => number): void => {
      context.strokeStyle = colorOf(color);
      context.beginPath();
      for (let ago = 0; ago < length; ago++) {
        context.lineTo(width * (1 - ago / (KEPT - 1)), height * (0.5 - 0.38 * value(ago)));
      }
      context.stroke();
    };
    line('--quiet', count, (ago) => history.heard(seat, ago));
    line('--accent', history.forecasts(seat), (ago) => history.expected(seat, ago));
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#waves;
    this.#waves.width = Math.round(clientWidth * devicePixelRatio);
    this.#waves.height = Math.round(clientHeight * devicePixelRatio);
    this.#paint();
  }
}
