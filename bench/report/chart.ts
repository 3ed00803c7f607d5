import { ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { contenderIds, contenderTitles } from '../contenders/names.ts';
import { isTiming, type Row } from '../measure/outcome.ts';

use([ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

const COLORS = ['#888888', '#a6cee3', '#1f78b4', '#08306b', '#fdbf6f', '#ff7f00'];

/** A picture of how long the others take relative to this library, which is the line at 1. An SVG file. */
export function ratiosChart(rows: readonly Row[]): string {
  const others = contenderIds.filter((id) => id !== 'ours');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 140 + 44 * rows.length });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLORS,
    title: {
      text: 'Time relative to lstm-webgpu: left of the line the other is faster',
      left: 'center',
      top: 4,
      textStyle: { fontSize: 15 },
    },
    legend: { top: 36, itemGap: 18 },
    grid: { left: 310, right: 40, top: 76, bottom: 40 },
    xAxis: { type: 'log', name: 'times as long', nameLocation: 'middle', nameGap: 24 },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ work }) => work.title), splitLine: { show: true } },
    series: others.map((id, index) => ({
      type: 'scatter',
      name: contenderTitles[id],
      symbolSize: 13,
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
              lineStyle: { type: 'solid', color: '#d62728', width: 2 },
            },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
