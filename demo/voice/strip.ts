import { onThemeChange } from '../drawing/theme.ts';
import { paint, type StripContents } from './strip-marks.ts';

/** The sound and the probability of speech, one above the other: a canvas that is as wide as its place on the page. */
export class Strip {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  #contents?: StripContents;
  #isWaiting = false;

  constructor() {
    this.canvas.setAttribute('role', 'img');
    this.canvas.ariaLabel = 'The sound, and below it the probability of speech. A table below has the numbers.';
    new ResizeObserver(() => this.#request()).observe(this.canvas);
    onThemeChange(() => this.#request());
  }

  /** Shows other contents; those that come within a frame are drawn once. */
  draw(contents: StripContents): void {
    this.#contents = contents;
    this.#request();
  }

  #request(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const { canvas } = this;
    const { clientWidth, clientHeight } = canvas;
    const [width, height] = [clientWidth, clientHeight].map((size) => Math.round(size * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#context.clearRect(0, 0, clientWidth, clientHeight);
    if (this.#contents) paint(this.#context, clientWidth, clientHeight, this.#contents);
  }
}
