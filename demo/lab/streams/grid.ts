import { colorOf, onThemeChange } from '../../drawing/theme.ts';
import { BAD, type History, type SeatsState } from './data.ts';
import { SEATS, STREAMS } from './plan.ts';

/** The steps of a stream that its place shows. */
const SHOWN = 24;

/** The narrowest place, in CSS pixels, and the fewest and most places in a row. */
const [LEAST_WIDTH, FEWEST, MOST] = [24, 24, 32];

/** A place for each stream, in which a line shows a unit of its state over the last steps. */
export class StreamGrid {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  #columns = MOST;
  #scale = 0;
  #draw = (): void => {};

  /** @param onPick called with the seat that is pointed at */
  constructor(onPick: (seat: number) => void) {
    this.canvas.setAttribute('role', 'img');
    this.canvas.ariaLabel = `The states of ${STREAMS} streams: a line for each`;
    this.canvas.addEventListener('pointerdown', ({ offsetX, offsetY }) => {
      const { width, height } = this.#place();
      const seat = Math.floor(offsetY / height) * this.#columns + Math.floor(offsetX / width);
      if (seat >= 0 && seat < SEATS) onPick(seat);
    });
    new ResizeObserver(() => this.#resize()).observe(this.canvas);
    onThemeChange(() => this.#draw());
  }

  /** @param unit the unit that is shown @param chosen the seat with a frame */
  draw(history: History, state: SeatsState, unit: number, chosen: number): void {
    this.#draw = () => this.#paint(history, state, unit, chosen);
    this.#draw();
  }

  #resize(): void {
    const { canvas } = this;
    const width = canvas.clientWidth;
    if (width === 0 || canvas.width === Math.round(width * devicePixelRatio)) return;
    this.#columns = Math.max(FEWEST, Math.min(MOST, Math.floor(width / LEAST_WIDTH)));
    const rows = Math.ceil(SEATS / this.#columns);
    const height = Math.round(rows * Math.max(12, (0.8 * width) / this.#columns));
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    this.#draw();
  }

  /** The largest h of the unit that there was, which the lines are scaled by. */
  #largest(history: History, unit: number): number {
    let largest = 0;
    for (let seat = 0; seat < SEATS; seat++) {
      if (history.length(seat) > 0) largest = Math.max(largest, Math.abs(history.h(seat, unit, 0)));
    }
    this.#scale = Math.max(this.#scale, largest);
    return this.#scale || 1;
  }

  /** The size of a place, in CSS pixels. */
  #place(): { width: number; height: number } {
    const rows = Math.ceil(SEATS / this.#columns);
    return { width: this.canvas.clientWidth / this.#columns, height: this.canvas.height / devicePixelRatio / rows };
  }

  #paint(history: History, { frozen, forks }: SeatsState, unit: number, chosen: number): void {
    const context = this.#context;
    const { width, height } = this.#place();
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const origin = (seat: number) => [(seat % this.#columns) * width, Math.floor(seat / this.#columns) * height];
    const paths = { right: new Path2D(), wrong: new Path2D(), frozen: new Path2D() };
    const scale = (0.45 * height) / this.#largest(history, unit);
    for (let seat = 0; seat < SEATS; seat++) {
      const isWrong = (history.error(seat) ?? 0) > BAD;
      const path = frozen.has(seat) ? paths.frozen : isWrong ? paths.wrong : paths.right;
      const [left, top] = origin(seat);
      const count = Math.min(SHOWN, history.length(seat));
      for (let n = 0; n < count; n++) {
        const x = left + 1 + ((width - 2) * (SHOWN - count + n)) / (SHOWN - 1);
        const y = top + height / 2 - scale * history.h(seat, unit, count - 1 - n);
        if (n === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
    }
    const colors = { right: '--accent', wrong: '--wrong', frozen: '--quiet' } as const;
    for (const name of ['right', 'wrong', 'frozen'] as const) {
      context.strokeStyle = colorOf(colors[name]);
      context.stroke(paths[name]);
    }
    context.strokeStyle = colorOf('--line');
    for (const seat of forks.keys()) context.strokeRect(...(origin(seat) as [number, number]), width - 1, height - 1);
    context.strokeStyle = colorOf('--ink');
    context.strokeRect(...(origin(chosen) as [number, number]), width, height);
  }
}
