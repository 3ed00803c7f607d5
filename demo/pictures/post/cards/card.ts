import './cards.css';
import { drawCurves } from '../../../drawing/curves.ts';
import { html } from '../../../drawing/html.ts';
import type { Plot } from '../../../drawing/plot.ts';
import type { Experiment } from '../../../experiments/index.ts';
import { whenNear } from '../../../page/when-near.ts';
import { CHART_HEIGHT, chartOf, curvesOf } from './chart.ts';
import { curveSample } from './curve-sample.ts';
import { Lane } from './lane.ts';
import { windowsExample } from './windows-example.ts';

/** One experiment: what it is, its chart, and a lane for each of its variants. */
export class Card {
  readonly element: HTMLElement;
  readonly #lanes: readonly Lane[];
  readonly #chart = html('div', { className: 'chart' });
  #plot?: Promise<Plot>;
  #epochs = 0;

  /** @param onRun called with the id of the variant that is to run */
  constructor(
    readonly experiment: Experiment,
    onRun: (variant: string | null) => void,
  ) {
    const { id, title, description, variants, defaultEpochs } = experiment;
    const curves = curvesOf(experiment);
    const isSingle = variants.length === 1;
    this.#lanes = variants.map(
      (variant, index) => new Lane(variant, isSingle ? undefined : curves[index], () => onRun(variant.id)),
    );
    this.#chart.style.minHeight = `${CHART_HEIGHT}px`;
    const legend = curves.map((curve) => html('span', { className: 'curve' }, curveSample(curve), curve.name));
    const caption = isSingle ? ['Accuracy', ...legend] : ['Accuracy on the test half'];
    const figure = html('figure', {}, html('figcaption', {}, ...caption), this.#chart);
    this.element = html(
      'article',
      { id: `post-${id}`, className: isSingle ? '' : 'wide' },
      html('h3', { textContent: title }),
      html('p', { textContent: description }),
      defaultEpochs === 0 ? windowsExample() : figure,
      html('div', { className: 'lanes' }, ...this.#lanes.map(({ element }) => element)),
    );
    whenNear(this.element, () => {
      if (!this.#plot) this.#draw();
    });
  }

  /** Names the buttons. */
  set verb(verb: string) {
    for (const { button, variant } of this.#lanes) {
      button.textContent = verb;
      button.ariaLabel = `${verb}: ${[this.experiment.title, variant.title].filter(Boolean).join(', ')}`;
    }
  }

  set enabled(enabled: boolean) {
    for (const { button } of this.#lanes) button.disabled = !enabled;
  }

  /** Takes away all that was drawn. @param epochs how many of them the chart has room for from now on */
  clear(epochs: number): void {
    for (const lane of this.#lanes) lane.clear();
    const isOther = epochs !== this.#epochs;
    this.#epochs = epochs;
    if (isOther && this.#plot) this.#draw();
    else this.update();
  }

  /** Clears what the last run of a variant left. The accuracy of the lane is to be filled, and then drawn with `update`. */
  begin(variant: string | null): Lane {
    const lane = this.#lanes.find((lane) => lane.variant.id === variant)!;
    lane.clear();
    if (!this.#plot) this.#draw();
    this.update();
    return lane;
  }

  update(): void {
    const [{ accuracy }] = this.#lanes;
    const points =
      this.#lanes.length === 1 ? [accuracy.train, accuracy.test] : this.#lanes.map((lane) => lane.accuracy.test);
    void this.#plot?.then((plot) => plot.set(points));
  }

  #draw(): void {
    if (this.experiment.defaultEpochs === 0) return;
    const before = this.#plot;
    const replaced = async (): Promise<Plot> => {
      (await before)?.remove();
      return drawCurves(this.#chart, chartOf(this.experiment, this.#epochs));
    };
    this.#plot = replaced();
  }
}
