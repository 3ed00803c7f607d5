import type { CurvesOptions } from './curve-options.ts';
import { BELOW, FONT, type PlotFrame } from './plot-frame.ts';
import { colorOf } from './theme.ts';

/** Pixels between a number and the curves. */
const GAP = 5;

/** Draws a grid, its numbers below and at the left of it, and what they count. */
export function drawAxes(frame: PlotFrame, { x, y }: Pick<CurvesOptions, 'x' | 'y'>): void {
  const { context, left, right, top, bottom } = frame;
  context.strokeStyle = colorOf('--line');
  context.lineWidth = 1;
  context.setLineDash([]);
  context.beginPath();
  for (const tick of x.ticks) {
    context.moveTo(sharp(frame.x(tick)), top);
    context.lineTo(sharp(frame.x(tick)), bottom);
  }
  for (const tick of y.ticks) {
    context.moveTo(left, sharp(frame.y(tick)));
    context.lineTo(right, sharp(frame.y(tick)));
  }
  context.stroke();

  context.font = FONT;
  context.fillStyle = colorOf('--quiet');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of y.ticks) context.fillText(String(tick), left - GAP, frame.y(tick));
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of x.ticks) context.fillText(String(tick), frame.x(tick), bottom + GAP);
  drawLabels(frame, x.label, y.label);
}

function drawLabels({ context, left, right, top, bottom }: PlotFrame, below?: string, beside?: string): void {
  if (below) context.fillText(below, (left + right) / 2, bottom + BELOW);
  if (!beside) return;
  context.save();
  context.rotate(-Math.PI / 2);
  context.fillText(beside, -(top + bottom) / 2, 0);
  context.restore();
}

/** A line of one pixel lies in the middle of it, and is blurred anywhere else. */
const sharp = (position: number): number => Math.floor(position) + 0.5;
