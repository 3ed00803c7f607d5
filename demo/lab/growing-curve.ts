import type { Axis, CurveStyle, LevelLine } from '../drawing/curve-options.ts';
import { drawCurves } from '../drawing/curves.ts';
import type { Plot } from '../drawing/plot.ts';
import { TableTwin } from '../page/table-twin.ts';
import { ticksWithin } from '../drawing/ticks.ts';

export interface GrowingCurveOptions {
  curve: CurveStyle;
  y: Axis;
  lines?: readonly LevelLine[];
  /** Names of what runs to the right and of what the curve shows, for its table. */
  columns: readonly [x: string, y: string];
  caption: string;
}

const HEIGHT = 160;

/** One curve that grows to the right while something learns: the axis is drawn anew when the curve has reached its end. */
export class GrowingCurve {
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  #plot?: Promise<Plot>;
  #end = 0;
  readonly #twin: TableTwin;
  readonly #place: HTMLElement;

  /** @param figure with an element `.plot` for the drawing */
  constructor(
    figure: HTMLElement,
    private readonly options: GrowingCurveOptions,
  ) {
    this.#place = figure.querySelector<HTMLElement>('.plot')!;
    this.#twin = new TableTwin(options.caption);
    figure.append(this.#twin.element);
  }

  /** @param end where the axis ends if nothing more comes */
  async add(x: number, y: number, end: number): Promise<void> {
    this.#x.push(x);
    this.#y.push(y);
    this.#twin.show(() => ({
      columns: this.options.columns,
      rows: this.#x.map((x, index) => [x, this.#y[index].toFixed(4)]),
    }));
    if (end > this.#end) {
      this.#removePlot();
      this.#end = end;
      const { curve, y: axis, lines } = this.options;
      const range = [0, end] as const;
      const options = { height: HEIGHT, x: { range, ticks: ticksWithin(range) }, y: axis, curves: [curve], lines };
      this.#plot = drawCurves(this.#place, options);
    }
    const drawn = this.#plot!;
    const plot = await drawn;
    if (drawn === this.#plot) plot.set([{ x: this.#x, y: this.#y }]);
  }

  remove(): void {
    this.#twin.element.remove();
    this.#removePlot();
    this.#end = 0;
  }

  #removePlot(): void {
    void this.#plot?.then((plot) => plot.remove());
    this.#plot = undefined;
  }
}
