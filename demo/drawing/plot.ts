import type { CurvesOptions, Points } from './curve-options.ts';
import { drawAxes } from './plot-axes.ts';
import { frameOf } from './plot-frame.ts';
import { drawCurve, drawLines, drawMarkers } from './plot-marks.ts';
import { onThemeChange } from './theme.ts';

/** Curves on a canvas that is as wide as its place on the page. */
export class Plot {
  readonly #canvas = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d')!;
  readonly #gone = new AbortController();
  #points: readonly Points[] = [];
  #width = 0;
  #frame?: number;

  constructor(
    root: HTMLElement,
    private readonly options: CurvesOptions,
  ) {
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#canvas.className = 'curves';
    this.#canvas.style.height = `${options.height}px`;
    root.append(this.#canvas);
    const observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width > 0) this.#resize(contentRect.width);
    });
    observer.observe(this.#canvas);
    const { signal } = this.#gone;
    signal.addEventListener('abort', () => observer.disconnect());
    onThemeChange(() => this.#draw(), signal);
  }

  /** Shows other points, of each curve in the order of the options; what comes within a frame is drawn once. */
  set(points: readonly Points[]): void {
    this.#points = points;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  /** Takes it from the page for good. */
  remove(): void {
    this.#gone.abort();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#canvas.remove();
  }

  #resize(width: number): void {
    this.#width = width;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(this.options.height * devicePixelRatio);
    this.#draw();
  }

  #draw(): void {
    const { height, curves, lines = [] } = this.options;
    const context = this.#context;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.#width, height);
    const frame = frameOf(context, [this.#width, height], this.options);
    drawAxes(frame, this.options);
    drawLines(frame, lines);
    this.#points.forEach((points, index) => drawCurve(frame, points, curves[index]));
    this.#points.forEach((points, index) => drawMarkers(frame, points, curves[index]));
  }
}
