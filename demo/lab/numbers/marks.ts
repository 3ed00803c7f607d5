import type { CurveStyle } from '../../drawing/curve-options.ts';
import { drawCurves } from '../../drawing/curves.ts';
import type { Plot } from '../../drawing/plot.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { GrowingCurve } from '../growing-curve.ts';
import type { ForecastPicture } from './data.ts';

/** The held-out values, the naive forecast and the network's, told apart by their dashes as well. */
const CURVES: readonly CurveStyle[] = [
  { color: '--ink', width: 1.5 },
  { color: '--b', width: 1.5, dash: [2, 4] },
  { color: '--accent', width: 2.5, dash: [9, 3] },
];

const HEIGHT = 240;

/** The charts of a forecast: the held-out values with both forecasts, and how the network learned. */
export class ForecastMarks {
  readonly #chart: HTMLElement;
  readonly #learning: HTMLElement;
  readonly #twin = new TableTwin('The held-out values, and what was forecast.');
  #plot?: Promise<Plot>;
  #axes = '';
  #loss?: GrowingCurve;

  constructor(root: HTMLElement) {
    this.#chart = root.querySelector<HTMLElement>('.forecast .plot')!;
    this.#learning = root.querySelector<HTMLElement>('.learning')!;
    root.querySelector('.forecast')!.append(this.#twin.element);
  }

  async draw({ x, y, curves, table }: ForecastPicture): Promise<void> {
    this.#twin.show(table);
    const axes = JSON.stringify([x, y]);
    if (axes !== this.#axes) {
      this.#axes = axes;
      void this.#plot?.then((plot) => plot.remove());
      this.#plot = drawCurves(this.#chart, { height: HEIGHT, x, y, curves: CURVES });
    }
    const plot = await this.#plot!;
    if (axes === this.#axes) plot.set(curves);
  }

  /** Takes away the curve of a training that is not of what is shown now. */
  forgetLearning(): void {
    this.#learning.hidden = true;
  }

  /** Makes room for the losses of a new run. */
  beginLearning(): void {
    this.#loss?.remove();
    this.#learning.hidden = false;
    this.#loss = new GrowingCurve(this.#learning, {
      columns: ['epoch', 'loss'],
      caption: 'The mean squared error of each epoch, in deviations of the series.',
      curve: { color: '--accent', width: 2 },
      y: { range: [0, 1.2], ticks: [0, 0.5, 1] },
      lines: [{ at: 1, text: 'always saying the mean', place: 'above', color: '--quiet', dash: [4, 4] }],
    });
  }

  addLoss(epoch: number, loss: number, epochs: number): void {
    void this.#loss!.add(epoch, loss, epochs);
  }
}
