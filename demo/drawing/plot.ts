import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Axis, CurvesOptions, CurveStyle, Points } from './curve-options.ts';
import { drawLines, drawMarkers, FONT } from './plot-marks.ts';
import { colorOf, onThemeChange } from './theme.ts';

/** Curves drawn by uPlot, as wide as their place on the page. */
export class Plot {
  readonly #plot: uPlot;
  readonly #gone = new AbortController();
  #points: readonly Points[];
  #frame?: number;

  constructor(
    root: HTMLElement,
    private readonly options: CurvesOptions,
  ) {
    this.#points = options.curves.map(() => ({ x: [], y: [] }));
    this.#plot = new uPlot(plotOptions(options, root.clientWidth), this.#data(), root);
    this.#plot.root.setAttribute('aria-hidden', 'true');
    const observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width > 0) this.#plot.setSize({ width: contentRect.width, height: options.height });
    });
    observer.observe(root);
    const { signal } = this.#gone;
    signal.addEventListener('abort', () => observer.disconnect());
    onThemeChange(() => this.#plot.redraw(), signal);
  }

  /** Shows other points, of each curve in the order of the options; what comes within a frame is drawn once. */
  set(points: readonly Points[]): void {
    this.#points = points;
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#plot.setData(this.#data());
    });
  }

  /** Takes it from the page for good. */
  remove(): void {
    this.#gone.abort();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#plot.destroy();
  }

  #data(): uPlot.AlignedData {
    // Every curve has steps of its own; uPlot wants the steps of all in one list.
    const { range } = this.options.x;
    const ends: uPlot.AlignedData = [[...range], [null, null]];
    const tables = this.#points.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]]);
    return uPlot.join([...tables, ends]);
  }
}

function plotOptions({ height, x, y, curves, lines = [] }: CurvesOptions, width: number): uPlot.Options {
  return {
    width: width || 320,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [...x.range] }, y: { range: [...y.range] } },
    axes: [axis(x, { size: 28 }), axis(y, { size: 44 })],
    series: [{}, ...curves.map(series), { show: false }],
    hooks: {
      drawAxes: [(plot) => drawLines(plot, lines)],
      draw: [(plot) => curves.forEach((curve, index) => drawMarkers(plot, index + 1, curve))],
    },
  };
}

function axis({ ticks, label }: Axis, { size }: { size: number }): uPlot.Axis {
  return {
    size,
    font: FONT,
    label,
    labelFont: FONT,
    labelSize: 14,
    stroke: () => colorOf('--quiet'),
    grid: { stroke: () => colorOf('--line'), width: 1 },
    ticks: { show: false },
    splits: () => [...ticks],
    values: (_plot, values) => values.map(String),
  };
}

function series({ color, width = 2, dash }: CurveStyle): uPlot.Series {
  return {
    stroke: () => colorOf(color),
    width,
    dash: dash && [...dash],
    spanGaps: true,
    points: { show: false },
  };
}
