import { ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type ContenderId, contenderTitles, gpuIds } from '../contenders/names.ts';
import { isTiming, type Row } from '../measure/outcome.ts';
import { contendersOf } from './times.ts';

use([ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** A family of libraries is a hue. */
const COLORS: Record<ContenderId, string> = {
  ours: '#d62728',
  plain: '#888888',
  'tfjs-cpu': '#a6cee3',
  'tfjs-wasm': '#1f78b4',
  'tfjs-webgpu': '#08306b',
  'ort-wasm': '#fdae61',
  'ort-webgpu': '#d95f02',
  cudnn: '#4d9221',
};

/** A diamond runs on the GPU, a circle on the processor. */
const symbolOf = (id: ContenderId) =>
  gpuIds.includes(id) ? { symbol: 'diamond', symbolSize: 16 } : { symbol: 'circle', symbolSize: 13 };

/** A picture of how long the others take relative to this library, which is the line at 1. An SVG file. */
export function ratiosChart(rows: readonly Row[]): string {
  const others = contendersOf(rows).filter((id) => id !== 'ours');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 140 + 44 * rows.length });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: 'Time relative to lstm-webgpu: left of the line the other is faster',
      left: 'center',
      top: 4,
      textStyle: { fontSize: 15 },
    },
    legend: { top: 36, itemGap: 14, itemWidth: 14 },
    grid: { left: 310, right: 40, top: 76, bottom: 40 },
    xAxis: { type: 'log', name: 'times as long', nameLocation: 'middle', nameGap: 24, axisLabel: { formatter: times } },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ work }) => work.title), splitLine: { show: true } },
    series: others.map((id, index) => ({
      type: 'scatter',
      name: contenderTitles[id],
      ...symbolOf(id),
      itemStyle: { color: COLORS[id], opacity: 0.9, borderColor: '#ffffff', borderWidth: 1 },
      data: rows.flatMap(({ work, outcomes }) => {
        const timings = outcomes.filter(isTiming);
        const own = timings.find(({ contender }) => contender === 'ours');
        const other = timings.find(({ contender }) => contender === id);
        return own && other ? [[other.median / own.median, work.title]] : [];
      }),
      markLine:
        index > 0
          ? undefined
          : {
              symbol: 'none',
              silent: true,
              label: { show: false },
              data: [{ xAxis: 1 }],
              lineStyle: { type: 'solid', color: COLORS.ours, width: 2 },
            },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${numberedAnew(svg)}\n`;
}

/** ECharts numbers all charts of a process and all their classes; a file should not depend on those drawn before. */
function numberedAnew(svg: string): string {
  const names: string[] = [];
  return svg.replaceAll(/zr\d+-cls-\d+/g, (name) => {
    if (!names.includes(name)) names.push(name);
    return `zr0-cls-${names.indexOf(name)}`;
  });
}

function times(value: number): string {
  return `${value.toLocaleString('en')} ×`;
}
