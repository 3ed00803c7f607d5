import type uPlot from 'uplot';
import type { CurveStyle, LevelLine, Marker } from './curve-options.ts';
import { colorOf } from './theme.ts';

/** The font of numbers and labels. */
export const FONT = '12px system-ui, sans-serif';

/** Half the size of a marker, in pixels of the style sheet. */
const MARKER = 3.5;

/** Draws the horizontal lines and their texts. */
export function drawLines(plot: uPlot, lines: readonly LevelLine[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  for (const { at, text, place, color, dash } of lines) {
    const y = plot.valToPos(at, 'y', true);
    ctx.strokeStyle = colorOf(color);
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash(dash.map((length) => length * ratio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    const above = place === 'above';
    ctx.textAlign = above ? 'right' : 'left';
    ctx.textBaseline = above ? 'bottom' : 'top';
    const gap = 4 * ratio;
    const [x, edge] = [above ? bbox.left + bbox.width - gap : bbox.left + gap, above ? y - gap : y + gap];
    // No line of the grid strikes through the text.
    const [width, height] = [ctx.measureText(text).width, 13 * ratio];
    ctx.fillStyle = colorOf('--paper');
    ctx.fillRect(above ? x - width : x, above ? edge - height : edge, width, height);
    ctx.fillStyle = colorOf(color);
    ctx.fillText(text, x, edge);
  }
  ctx.restore();
}

/** Draws the shapes at the points of a curve. */
export function drawMarkers(plot: uPlot, series: number, { marker, color }: CurveStyle): void {
  if (!marker) return;
  const { ctx, data } = plot;
  const size = MARKER * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colorOf(color);
  ctx.beginPath();
  data[series].forEach((value, index) => {
    if (value == null) return;
    const x = plot.valToPos(data[0][index], 'x', true);
    outline(ctx, marker, x, plot.valToPos(value, 'y', true), size);
  });
  ctx.fill();
  ctx.restore();
}

function outline(ctx: CanvasRenderingContext2D, marker: Marker, x: number, y: number, size: number): void {
  if (marker === 'circle') {
    ctx.moveTo(x + size, y);
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    return;
  }
  const [first, ...others] = CORNERS[marker];
  ctx.moveTo(x + first[0] * size, y + first[1] * size);
  for (const [dx, dy] of others) ctx.lineTo(x + dx * size, y + dy * size);
  ctx.closePath();
}

/** The corners of each shape around its middle, in units of half its size. */
export const CORNERS: Record<Exclude<Marker, 'circle'>, readonly (readonly [number, number])[]> = {
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  triangle: [
    [0, -1.2],
    [1.1, 0.9],
    [-1.1, 0.9],
  ],
  diamond: [
    [0, -1.3],
    [1.3, 0],
    [0, 1.3],
    [-1.3, 0],
  ],
};
