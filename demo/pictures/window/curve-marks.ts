import { label, shape, type Shape } from '../../drawing/shapes.ts';
import { shortFigure } from '../../page/figures.ts';
import { bestOf, GUESSED_LENGTH, LENGTHS, TICKS, type View } from './data.ts';

const [LEFT, RIGHT, TOP, HEIGHT, FOOT] = [38, 14, 30, 210, 38];
const WIDEST = 420;

/** Draws the best accuracy over the length of windows, with what was guessed and measured. */
export function curve(view: View, measured: ReadonlyMap<number, number>, room: number): Shape {
  const width = Math.min(room, WIDEST);
  const x = (length: number): number => LEFT + ((length - 1) / (LENGTHS.length - 1)) * (width - LEFT - RIGHT);
  const y = (accuracy: number): number => TOP + (1 - accuracy) * 2 * HEIGHT;
  const points = LENGTHS.map((length) => `${x(length)} ${y(bestOf(length).accuracy)}`);
  const isKnown = view.guess !== 'none';
  return shape(
    'svg',
    { class: 'curve', width, height: TOP + HEIGHT + FOOT, viewBox: `0 0 ${width} ${TOP + HEIGHT + FOOT}`, role: 'img' },
    label('best accuracy', 0, 14),
    ...[0.5, 0.75, 1].flatMap((level) => [
      shape('line', { class: 'level', x1: LEFT, x2: width - RIGHT, y1: y(level), y2: y(level) }),
      label(String(level), LEFT - 8, y(level) + 4, { class: 'end' }),
    ]),
    ...TICKS.map((length) => label(String(length), x(length), TOP + HEIGHT + 18, { class: 'middle' })),
    label('steps in a window', x(GUESSED_LENGTH + 0.5), TOP + HEIGHT + 34, { class: 'middle' }),
    ...(isKnown ? [shape('path', { class: 'best', d: `M${points.join('L')}` })] : []),
    ...(isKnown ? [] : [label('first your guess', x(GUESSED_LENGTH + 0.5), y(0.75) - 8, { class: 'middle' })]),
    ...drawGuess(view.guess, x(GUESSED_LENGTH), y),
    ...[...measured].map(([length, accuracy]) =>
      shape('rect', { class: 'measured', x: x(length) - 4, y: y(Math.max(accuracy, 0.5)) - 4, width: 8, height: 8 }),
    ),
    ...(isKnown ? drawDot(view, x(view.length), y) : []),
  );
}

/** A hollow diamond where the reader guessed. */
function drawGuess(guess: View['guess'], x: number, y: (accuracy: number) => number): Shape[] {
  if (typeof guess !== 'number') return [];
  const middle = y(guess);
  return [
    shape('path', { class: 'guess', d: `M${x} ${middle - 7}l7 7l-7 7l-7 -7z` }),
    label('your guess', x - 12, middle + 4, { class: 'end' }),
  ];
}

/** The dot that follows the window, with its number where there is room for it. */
function drawDot({ length, guess }: View, x: number, y: (accuracy: number) => number): Shape[] {
  const { accuracy } = bestOf(length);
  const height = y(accuracy);
  const isGuessAbove = typeof guess === 'number' && Math.abs(length - GUESSED_LENGTH) < 4 && y(guess) > height - 36;
  const number =
    length > 14
      ? label(shortFigure(accuracy), x - 12, height + 4, { class: 'value end' })
      : isGuessAbove
        ? label(shortFigure(accuracy), x + 10, height + 16, { class: 'value' })
        : label(shortFigure(accuracy), x, height - 14, { class: 'value middle' });
  return [shape('circle', { class: 'dot', cx: x, cy: height, r: 6 }), number];
}
