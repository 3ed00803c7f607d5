import { mix, onThemeChange, type Rgb, rgbOf } from './theme.ts';

/** Values beyond this are drawn as this: the colours of a diverging scale from -1.6 over 0, which is white, to 1.6. */
export const SCALE_END = 1.6;

/** Shades between 0 and the ends of the scale. */
const SHADES = 64;

/** Numbers by rows and columns, as colours: a canvas that is as wide as its place on the page. */
export class HeatMap {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  #values: ArrayLike<number> = [];
  #shades?: readonly string[];
  #gap = 1;

  /** @param rows in each of which every column has a value */
  constructor(
    private readonly rows: number,
    private columns: number,
  ) {
    this.canvas.setAttribute('role', 'img');
    new ResizeObserver(() => this.#resize()).observe(this.canvas);
    onThemeChange(() => {
      this.#shades = undefined;
      this.#paint();
    });
  }

  /** @param values row by row, `rows` × `columns` */
  draw(values: ArrayLike<number>, columns = this.columns): void {
    this.#values = values;
    if (columns !== this.columns) {
      this.columns = columns;
      this.#measureGap();
    }
    this.#paint();
  }

  /** The cell under a point of the screen; `undefined` if there is none. */
  cellAt({ clientX, clientY }: Pick<MouseEvent, 'clientX' | 'clientY'>): { row: number; column: number } | undefined {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const column = Math.floor(((clientX - left) / width) * this.columns);
    const row = Math.floor(((clientY - top) / height) * this.rows);
    return row >= 0 && row < this.rows && column >= 0 && column < this.columns ? { row, column } : undefined;
  }

  #resize(): void {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) =>
      Math.round(size * devicePixelRatio),
    );
    if (canvas.width === width && canvas.height === height) return;
    canvas.width = width;
    canvas.height = height;
    this.#measureGap();
    this.#paint();
  }

  /** Not at each drawing, since to ask for the width makes the browser lay out the page. */
  #measureGap(): void {
    this.#gap = this.canvas.clientWidth / this.columns >= 6 ? 1 : 0;
  }

  #paint(): void {
    const { rows, columns } = this;
    const { width, height } = this.canvas;
    const shades = (this.#shades ??= shadesOfTheme());
    this.#context.clearRect(0, 0, width, height);
    const gap = Math.round(this.#gap * devicePixelRatio);
    for (let row = 0; row < rows; row++) {
      const [top, bottom] = [row, row + 1].map((n) => Math.round((n * height) / rows));
      let left = 0;
      for (let column = 0; column < columns; column++) {
        const shade = shadeOf(this.#values[row * columns + column]);
        const isLast = column + 1 === columns;
        // Neighbours of one shade are one rectangle, unless there is a gap between them.
        if (gap === 0 && !isLast && shadeOf(this.#values[row * columns + column + 1]) === shade) continue;
        const right = Math.round(((column + 1) * width) / columns);
        this.#context.fillStyle = shades[shade];
        this.#context.fillRect(left, top, right - left - gap, bottom - top - Math.max(1, gap));
        left = right;
      }
    }
  }
}

function shadeOf(value: number): number {
  const share = Math.max(-1, Math.min(1, value / SCALE_END));
  return SHADES + Math.round(share * SHADES);
}

/** The colours from the least value to the most, in the colours of the page. */
function shadesOfTheme(): string[] {
  const [paper, negative, positive] = ['--paper', '--negative', '--positive'].map(rgbOf) as [Rgb, Rgb, Rgb];
  return Array.from({ length: 2 * SHADES + 1 }, (_, shade) => {
    const share = shade / SHADES - 1;
    return mix(paper, share < 0 ? negative : positive, Math.abs(share));
  });
}
