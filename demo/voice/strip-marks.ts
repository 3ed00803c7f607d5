import { colorOf } from '../drawing/theme.ts';
import { ticksWithin } from '../drawing/ticks.ts';
import type { View } from './data.ts';
import { LEVELS_PER_CHUNK, type Recording } from './recording.ts';
import { CHUNKS_PER_SECOND } from './sound.ts';
import type { Stretch } from './speech.ts';

/** Everything that the picture shows. */
export interface StripContents {
  recording: Pick<Recording, 'levels' | 'probabilities'>;
  stretches: readonly Stretch[];
  threshold: number;
  view: View;
}

/** A part of the picture in pixels, and where chunks lie in it. */
interface Lane {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (chunk: number) => number;
}

/** Room for the numbers beside and below the lanes, and that between these. */
const [BESIDE, BELOW, BETWEEN, ABOVE] = [28, 20, 12, 8];

/** The share of the height that shows the sound. */
const SOUND = 0.38;

type Context = CanvasRenderingContext2D;

export function paint(context: Context, width: number, height: number, contents: StripContents): void {
  const { view } = contents;
  const [left, right] = [BESIDE, width - 12];
  const x = (chunk: number): number => left + ((chunk - view.from) / (view.to - view.from)) * (right - left);
  const middle = ABOVE + (height - BELOW - ABOVE) * SOUND;
  const sound = { left, right, x, top: ABOVE, bottom: middle - BETWEEN / 2 };
  const speech = { left, right, x, top: middle + BETWEEN / 2, bottom: height - BELOW };
  context.font = '12px system-ui, sans-serif';
  context.lineJoin = 'round';
  paintAxes(context, sound, speech, view);
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, height);
  context.clip();
  paintStretches(context, { ...sound, bottom: speech.bottom }, contents.stretches);
  paintSound(context, sound, contents);
  paintThreshold(context, speech, contents.threshold);
  paintProbability(context, speech, contents);
  context.restore();
}

function paintAxes(context: Context, sound: Lane, { left, right, top, bottom, x }: Lane, view: View): void {
  context.fillStyle = colorOf('--quiet');
  context.strokeStyle = colorOf('--line');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of [0, 0.5, 1]) {
    const y = Math.round(bottom - value * (bottom - top)) + 0.5;
    line(context, left, y, right, y);
    context.fillText(String(value), left - 6, y);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const second of ticksWithin([view.from / CHUNKS_PER_SECOND, view.to / CHUNKS_PER_SECOND])) {
    const at = Math.round(x(second * CHUNKS_PER_SECOND)) + 0.5;
    line(context, at, sound.top, at, bottom);
    context.fillText(`${second} s`, Math.min(at, right - 8), bottom + 6);
  }
}

function paintStretches(context: Context, { x, top, bottom }: Lane, stretches: readonly Stretch[]): void {
  context.save();
  context.fillStyle = colorOf('--accent');
  context.globalAlpha = 0.15;
  for (const { from, to } of stretches) context.fillRect(x(from), top, x(to) - x(from), bottom - top);
  context.restore();
}

/** Draws how loud it is, as bars to both sides of the middle: the loudest of all parts of chunks that share a pixel. */
function paintSound(context: Context, lane: Lane, { recording: { levels }, view }: StripContents): void {
  const { left, right, top, bottom } = lane;
  const partAt = (pixel: number): number =>
    Math.floor((view.from + ((pixel - left) / (right - left)) * (view.to - view.from)) * LEVELS_PER_CHUNK);
  context.fillStyle = colorOf('--quiet');
  for (let pixel = Math.ceil(left); pixel < right; pixel++) {
    const [from, to] = [partAt(pixel), partAt(pixel + 1)];
    if (from >= levels.length) return;
    const loudest = Math.max(0, ...levels.slice(Math.max(0, from), Math.max(from + 1, to)));
    // The root makes a soft voice visible beside a loud one.
    const height = Math.max(1, Math.sqrt(loudest) * (bottom - top));
    context.fillRect(pixel, (top + bottom - height) / 2, 1, height);
  }
}

function paintThreshold(context: Context, { left, right, top, bottom }: Lane, threshold: number): void {
  const y = bottom - threshold * (bottom - top);
  context.save();
  context.strokeStyle = colorOf('--b');
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  line(context, left, y, right, y);
  context.restore();
}

function paintProbability(
  context: Context,
  { x, top, bottom }: Lane,
  { recording: { probabilities }, view }: StripContents,
): void {
  context.strokeStyle = colorOf('--accent');
  context.lineWidth = 2;
  context.beginPath();
  const last = Math.min(probabilities.length, Math.ceil(view.to));
  // A probability is known at the end of its chunk.
  for (let chunk = Math.max(0, Math.floor(view.from) - 1); chunk < last; chunk++)
    context.lineTo(x(chunk + 1), bottom - probabilities[chunk] * (bottom - top));
  context.stroke();
}

function line(context: Context, fromX: number, fromY: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
