import { elementOf } from '../../drawing/shapes.ts';
import { PictureState } from '../../page/address.ts';
import { shortFigure } from '../../page/figures.ts';
import { loadInto } from '../../page/load-into.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { recordedTrainings } from '../recorded-trainings.ts';
import { curve } from './curve-marks.ts';
import {
  bestOf,
  GUESSED_LENGTH,
  LENGTHS,
  readView,
  rowsOf,
  TARGETS,
  type View,
  windowsIn,
  within,
  writeView,
} from './data.ts';
import { dragWindow } from './drag.ts';
import { picture } from './marks.ts';
import { cellsText, countsOf, judgementOf, meaningOf, resultOf, windowText } from './words.ts';

const FIRST: View = { length: GUESSED_LENGTH, start: 0, guess: 'none' };

/** Picture 2: which windows can be told apart, and how good a network without memory can get. */
export function mountWindow(root: HTMLElement): void {
  const find = <E extends HTMLElement>(selector: string): E => root.querySelector<E>(selector)!;
  const [length, start] = [find<HTMLInputElement>('.length'), find<HTMLInputElement>('.start')];
  const [form, guess] = [find<HTMLFormElement>('form'), find<HTMLInputElement>('form input')];
  const sides = TARGETS.map((target) => ({ target, room: find(`.y${target}`) }));
  const chart = find('.chart');
  const rowsTable = new TableTwin('All windows of this length', 'The windows as a table');
  const curveTable = new TableTwin('The best accuracy, and what was measured here', 'The curve as a table');
  const measured = new Map<number, number>();

  const draw = (view: View): void => {
    const isKnown = view.guess !== 'none';
    length.value = String(view.length);
    start.max = String(windowsIn(view.length));
    start.disabled = windowsIn(view.length) === 1;
    start.value = String(view.start + 1);
    find('.length-value').textContent = length.value;
    find('.start-value').textContent = start.value;
    for (const { target, room } of sides) room.replaceChildren(elementOf(picture(target, view, room.clientWidth)));
    drawChart(view);
    find('.window-text').textContent = windowText(view);
    find('.judgement').textContent = judgementOf(view.guess);
    for (const known of root.querySelectorAll<HTMLElement>('.known')) known.hidden = !isKnown;
    find('.skip').hidden = isKnown;
    find('.counts').textContent = countsOf(view.length, bestOf(view.length));
    find('.meaning').textContent = meaningOf(view.length);
    if (typeof view.guess === 'number') guess.value = String(100 * view.guess);
    showGuess();
    rowsTable.show(() => ({
      columns: ['Window', 'Numbers', 'Also on the other side', 'The best answer is'],
      rows: rowsOf(view.length).map(({ target, start: first, cells, isAlike, isRight }) => [
        `y = ${target}, from step ${first + 1}`,
        cellsText(cells),
        isAlike ? 'yes' : 'no',
        isRight ? 'right' : 'wrong',
      ]),
    }));
  };
  const drawChart = (view: View): void => {
    const drawn = elementOf(curve(view, measured, chart.clientWidth));
    drawn.ariaLabel = view.guess === 'none' ? 'A curve that waits for a guess.' : curveText();
    chart.replaceChildren(drawn);
    curveTable.show(() => ({
      columns: ['Steps in a window', 'Right of all windows', 'Best accuracy', 'Measured'],
      rows: LENGTHS.map((steps) => {
        const { right, pieces, accuracy } = bestOf(steps);
        return [steps, `${right} of ${pieces}`, shortFigure(accuracy), measured.get(steps)?.toFixed(4) ?? '–'];
      }),
    }));
  };
  const showGuess = (): void => {
    const value = (Number(guess.value) / 100).toFixed(2);
    find('.guess-value').textContent = value;
    guess.ariaValueText = value;
  };
  const state = new PictureState('window', FIRST, { read: readView, write: writeView }, draw);
  const move = (part: Partial<Pick<View, 'length' | 'start'>>): void =>
    state.change(within({ ...state.value, ...part }));

  length.addEventListener('input', () => move({ length: Number(length.value) }));
  start.addEventListener('input', () => move({ start: Number(start.value) - 1 }));
  guess.addEventListener('input', showGuess);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    state.change({ guess: Number(guess.value) / 100 });
  });
  find('.skip').addEventListener('click', () => {
    state.change({ guess: 'skipped' });
    length.focus({ preventScroll: true });
  });
  for (const { room } of sides) dragWindow(room, () => state.value, move);

  find('.details').append(rowsTable.element, curveTable.element);
  void recordedTrainings(find('.training')).then(async (recorded) => {
    if (recorded) {
      for (const { length: steps, accuracy } of recorded.windows) measured.set(steps, accuracy);
      find('.measured-text').textContent = recorded.note;
      return drawChart(state.value);
    }
    // The button comes later: its code is not needed at first sight.
    const { trainingControl } = await loadInto(
      find('.training'),
      'The button that trains',
      () => import('./training.ts'),
    );
    const control = trainingControl(
      () => state.value.length,
      (steps, result) => {
        measured.set(steps, result.accuracy);
        find('.measured-text').textContent = resultOf(steps, result);
        drawChart(state.value);
      },
    );
    find('.training').prepend(control.element);
  });
  new ResizeObserver(() => draw(state.value)).observe(chart);
}

function curveText(): string {
  const values = [1, GUESSED_LENGTH, LENGTHS.length].map(
    (length) => `${shortFigure(bestOf(length).accuracy)} for ${length}`,
  );
  return `The best accuracy by steps in a window: ${values.join(', ')}.`;
}
