import type { CurveStyle, LevelLine, Marker, Points } from './curve-options.ts';
import { FONT, type PlotFrame } from './plot-frame.ts';
import { colorOf } from './theme.ts';

/** Half the size of a marker, in pixels. */
const MARKER = 3.5;

/** Draws the horizontal lines and their texts. */
export function drawLines({ context, left, right, y }: PlotFrame, lines: readonly LevelLine[]): void {
  context.font = FONT;
  for (const { at, text, place, color, dash } of lines) {
    const height = y(at);
    context.strokeStyle = colorOf(color);
    context.lineWidth = 1.5;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(left, height);
    context.lineTo(right, height);
    context.stroke();
    const above = place === 'above';
    context.textAlign = above ? 'right' : 'left';
    context.textBaseline = above ? 'bottom' : 'top';
    const [x, edge] = above ? [right - 4, height - 4] : [left + 4, height + 4];
    // No line of the grid strikes through the text.
    const { width } = context.measureText(text);
    context.fillStyle = colorOf('--paper');
    context.fillRect(above ? x - width : x, above ? edge - 13 : edge, width, 13);
    context.fillStyle = colorOf(color);
    context.fillText(text, x, edge);
  }
}

/** Draws a curve from point to point, as far as the axes reach. */
export function drawCurve(frame: PlotFrame, { x, y }: Points, { color, width = 2, dash = [] }: CurveStyle): void {
  const { context, left, right, top, bottom } = frame;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.strokeStyle = colorOf(color);
  context.lineWidth = width;
  context.lineJoin = 'round';
  context.setLineDash([...dash]);
  context.beginPath();
  x.forEach((value, index) => context.lineTo(frame.x(value), frame.y(y[index])));
  context.stroke();
  context.restore();
}

/** Draws the shapes at the points of a curve. */
export function drawMarkers(frame: PlotFrame, { x, y }: Points, { marker, color }: CurveStyle): void {
  if (!marker) return;
  const { context } = frame;
  context.fillStyle = colorOf(color);
  context.beginPath();
  x.forEach((value, index) => outline(context, marker, frame.x(value), frame.y(y[index])));
  context.fill();
}

function outline(context: CanvasRenderingContext2D, marker: Marker, x: number, y: number): void {
  if (marker === 'circle') {
    context.moveTo(x + MARKER, y);
    context.arc(x, y, MARKER, 0, 2 * Math.PI);
    return;
  }
  const [first, ...others] = CORNERS[marker];
  context.moveTo(x + first[0] * MARKER, y + first[1] * MARKER);
  for (const [dx, dy] of others) context.lineTo(x + dx * MARKER, y + dy * MARKER);
  context.closePath();
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
