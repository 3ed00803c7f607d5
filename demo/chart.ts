import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

interface Point {
  /** Epochs done, with their fractions. */
  x: number;
  train: number;
  /** Known at the end of an epoch. */
  test?: number;
}

const HEIGHT = 180;

/** One figure over the epochs: of training, of the test half, and, if there is one, the bound for the latter. */
export class Chart {
  readonly element = document.createElement('figure');
  readonly #plot: uPlot;
  readonly #gone = new AbortController();
  readonly #x: number[] = [];
  readonly #train: number[] = [];
  readonly #test: (number | null)[] = [];

  constructor(
    name: string,
    private readonly epochs: number,
    private readonly bound?: number,
  ) {
    const caption = document.createElement('figcaption');
    caption.append(
      keyword('', name),
      keyword('train-key', '— train'),
      keyword('test-key', '● test'),
      ...(bound === undefined ? [] : [keyword('bound-key', '- - provable')]),
    );
    this.element.append(caption);
    this.#plot = new uPlot(options(epochs), this.#data(), this.element);
    this.#plot.root.setAttribute('aria-hidden', 'true');
    const observer = new ResizeObserver(([entry]) => {
      this.#plot.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    observer.observe(this.element);
    const { signal } = this.#gone;
    signal.addEventListener('abort', () => observer.disconnect());
    // The canvas knows no style sheet: it asks for its colours again when they change.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw(), { signal });
  }

  /** Takes it from the page for good. */
  remove(): void {
    this.#gone.abort();
    this.#plot.destroy();
    this.element.remove();
  }

  add({ x, train, test }: Point): void {
    // The end of an epoch comes once with the last progress and once with the test figures.
    if (this.#x.at(-1) === x) for (const list of [this.#x, this.#train, this.#test]) list.pop();
    this.#x.push(x);
    this.#train.push(train);
    this.#test.push(test ?? null);
    this.#plot.setData(this.#data());
  }

  #data(): uPlot.AlignedData {
    // Without figures at either end, so that the bound runs from side to side.
    const x = [0, ...this.#x, this.epochs];
    return [x, [null, ...this.#train, null], [null, ...this.#test, null], x.map(() => this.bound)];
  }
}

function options(epochs: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => color('--quiet'),
    grid: { stroke: () => color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: 320,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [0, epochs] } },
    axes: [
      { ...axis, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
      { ...axis, size: 60 },
    ],
    series: [
      {},
      { stroke: () => color('--train'), width: 2, points: { show: false } },
      {
        stroke: () => color('--test'),
        width: 1,
        spanGaps: true,
        points: { show: true, size: 7, fill: () => color('--test') },
      },
      { stroke: () => color('--quiet'), dash: [4, 4], points: { show: false } },
    ],
  };
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function keyword(className: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}
