import type { Axis, CurveStyle, LevelLine } from '../drawing/curve-options.ts';
import { drawCurves } from '../drawing/curves.ts';
import type { Plot } from '../drawing/plot.ts';
import { ticksWithin } from './ticks.ts';

export interface GrowingCurveOptions {
  curve: CurveStyle;
  y: Axis;
  lines?: readonly LevelLine[];
}

const HEIGHT = 160;

/** One curve that grows to the right while something learns: the axis is drawn anew when the curve has reached its end. */
export class GrowingCurve {
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  #plot?: Promise<Plot>;
  #end = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly options: GrowingCurveOptions,
  ) {}

  /** @param end where the axis ends if nothing more comes */
  async add(x: number, y: number, end: number): Promise<void> {
    this.#x.push(x);
    this.#y.push(y);
    if (end > this.#end) {
      this.remove();
      this.#end = end;
      const { curve, y: axis, lines } = this.options;
      const range = [0, end] as const;
      const options = { height: HEIGHT, x: { range, ticks: ticksWithin(range) }, y: axis, curves: [curve], lines };
      this.#plot = drawCurves(this.root, options);
    }
    const drawn = this.#plot!;
    const plot = await drawn;
    if (drawn === this.#plot) plot.set([{ x: this.#x, y: this.#y }]);
  }

  remove(): void {
    void this.#plot?.then((plot) => plot.remove());
    this.#plot = undefined;
    this.#end = 0;
  }
}
