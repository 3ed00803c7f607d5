import type { CurveStyle } from '../../../drawing/curve-options.ts';
import { CORNERS } from '../../../drawing/plot-marks.ts';
import { svg } from '../../../drawing/svg.ts';

/** A piece of a curve as it looks in the chart, to stand before its name. */
export function curveSample({ color, width = 2, dash = [], marker }: CurveStyle): SVGElement {
  const style = `var(${color})`;
  const line = svg('line', { x1: 0, x2: 28, y1: 7, y2: 7, 'stroke-width': width, 'stroke-dasharray': dash.join(' ') });
  const parts: SVGElement[] = [line];
  if (marker === 'circle') parts.push(svg('circle', { cx: 14, cy: 7, r: 4 }));
  else if (marker) {
    const points = CORNERS[marker].map(([x, y]) => `${14 + 4 * x},${7 + 4 * y}`).join(' ');
    parts.push(svg('polygon', { points }));
  }
  const sample = svg('svg', { width: 28, height: 14, 'aria-hidden': 'true', class: 'sample' }, ...parts);
  sample.style.stroke = style;
  sample.style.fill = style;
  return sample;
}
