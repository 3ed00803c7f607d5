import { elementOf, label, shape, type Shape } from '../../drawing/shapes.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { type Accuracies, RACE_EPOCHS, RACERS } from './data.ts';
import { resultOf, tableOf } from './words.ts';

const [LEFT, RIGHT, TOP, HEIGHT, FOOT] = [36, 92, 30, 120, 34];
const WIDEST = 520;
const LEAST = 0.4;

/** The chart of a race, the sentence of its result, and its table. */
export class RaceMarks {
  readonly #chart: HTMLElement;
  readonly #result: HTMLElement;
  readonly #table = new TableTwin('Accuracy on the test half after each epoch');
  #accuracies: Accuracies = { 'in-order': [], interleaved: [] };

  /** @param root with elements `.chart` and `.result` */
  constructor(root: HTMLElement) {
    this.#chart = root.querySelector<HTMLElement>('.chart')!;
    this.#result = root.querySelector<HTMLElement>('.result')!;
    root.append(this.#table.element);
    this.draw(this.#accuracies);
    new ResizeObserver(() => this.draw(this.#accuracies)).observe(this.#chart);
  }

  draw(accuracies: Accuracies): void {
    this.#accuracies = accuracies;
    const drawn = elementOf(raceChart(accuracies, RACE_EPOCHS, this.#chart.clientWidth));
    this.#result.textContent = resultOf(accuracies);
    drawn.ariaLabel = this.#result.textContent || 'Nothing is trained yet.';
    this.#chart.replaceChildren(drawn);
    this.#table.show(() => tableOf(accuracies));
  }
}

/** Draws how well both do on the test half, epoch by epoch. */
function raceChart(accuracies: Accuracies, epochs: number, room: number): Shape {
  const width = Math.min(room, WIDEST);
  const x = (epoch: number): number => LEFT + ((epoch - 1) / (epochs - 1)) * (width - LEFT - RIGHT);
  const y = (accuracy: number): number => TOP + ((1 - accuracy) / (1 - LEAST)) * HEIGHT;
  const levels = [0.5, 0.75, 1].flatMap((level) => [
    shape('line', { class: 'level', x1: LEFT, x2: width - RIGHT, y1: y(level), y2: y(level) }),
    label(String(level), LEFT - 8, y(level) + 4, { class: 'end' }),
  ]);
  const ticks = Array.from({ length: epochs }, (_, index) =>
    label(String(index + 1), x(index + 1), TOP + HEIGHT + 16, { class: 'middle' }),
  );
  return shape(
    'svg',
    {
      class: 'race-chart',
      width,
      height: TOP + HEIGHT + FOOT,
      viewBox: `0 0 ${width} ${TOP + HEIGHT + FOOT}`,
      role: 'img',
    },
    label('accuracy on the test half', 0, 14),
    ...levels,
    ...ticks,
    label('epoch', x((1 + epochs) / 2), TOP + HEIGHT + 31, { class: 'middle' }),
    ...RACERS.flatMap(({ id, name }) => drawLine(accuracies[id], id, name, x, y)),
  );
}

function drawLine(
  accuracies: readonly number[],
  id: string,
  name: string,
  x: (epoch: number) => number,
  y: (accuracy: number) => number,
): Shape[] {
  if (accuracies.length === 0) return [];
  const points = accuracies.map((accuracy, index) => [x(index + 1), y(accuracy)]);
  const [lastX, lastY] = points[points.length - 1];
  const dots = points.map(([cx, cy]) =>
    id === 'interleaved'
      ? shape('circle', { cx, cy, r: 4 })
      : shape('rect', { x: cx - 3.5, y: cy - 3.5, width: 7, height: 7 }),
  );
  return [
    shape(
      'g',
      { class: id },
      shape('path', { d: `M${points.map((point) => point.join(' ')).join('L')}` }),
      ...dots,
      label(name, lastX + 10, lastY + 4),
    ),
  ];
}
