import { html } from '../../drawing/html.ts';
import type { Snapshot } from '../../network/weights.ts';
import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { loadInto } from '../../page/load-into.ts';
import { wantsNoMotion } from '../../page/motion.ts';
import { FIRST, flipped, MODES, moved, NOTATION, readTape, STEPS, type Place, type TapeState } from './data.ts';
import { TapeMarks } from './marks.ts';
import { loadTraining, trained } from './recorded.ts';

/** How long the writing of a step takes at first sight. */
const STEP_MS = 40;

/** Mounts the memory tape: a network reads three sequences, and each step shows what its cells hold. */
export function mountMemoryTape(root: HTMLElement): void {
  let recorded: readonly Snapshot[] = [trained];
  let snapshots = recorded;
  let written = 0;
  const marks = new TapeMarks();
  const mode = new Choice('Memory', MODES, (mode) => change({ mode }));
  const scrubber = html('input', { type: 'range', min: '0', step: '1' });
  const seen = html('output');
  // The button comes later: its code is not needed at first sight.
  const training = html('div', { className: 'training' });
  /** @param moments how many snapshots there will be in the end */
  const use = (own: readonly Snapshot[], moments: number): void => {
    snapshots = own;
    scrubber.max = String(moments - 1);
    scrubber.disabled = moments === 1;
  };
  use(recorded, recorded.length);
  scrubber.addEventListener('input', () => {
    change({ seen: snapshots[Math.min(Number(scrubber.value), snapshots.length - 1)].seen });
  });

  root
    .querySelector('.picture')!
    .append(
      html(
        'div',
        { className: 'controls' },
        mode.element,
        html('label', {}, 'Trained on', scrubber, html('span', {}, seen, ' sequences')),
      ),
      training,
      ...marks.elements,
    );

  const draw = (state: TapeState): void => {
    // The address may name a moment of a training that is gone: the last one before it is shown then.
    const index = Math.max(
      0,
      snapshots.findLastIndex((snapshot) => snapshot.seen <= state.seen),
    );
    const shown = { ...state, seen: snapshots[index].seen };
    mode.value = state.mode;
    scrubber.value = String(index);
    scrubber.ariaValueText = `after ${shown.seen} sequences`;
    seen.textContent = String(shown.seen);
    marks.draw(readTape(snapshots[index].weights, shown), shown, written);
  };
  const state = new PictureState('tape', FIRST, NOTATION, draw);
  const change = (part: Partial<TapeState>): void => {
    written = STEPS;
    state.change(part);
  };

  listen(marks, () => state.value, change);
  const loading = loadInto(training, 'The training', () => Promise.all([loadTraining(), import('./train-now.ts')]));
  void loading.then(([all, { TrainNow }]) => {
    const isShown = snapshots === recorded;
    recorded = all;
    if (isShown) use(recorded, recorded.length);
    draw(state.value);
    const { element } = new TrainNow({
      show(own, moments) {
        use(own, moments);
        change({ seen: own[own.length - 1].seen });
      },
      forget() {
        use(recorded, recorded.length);
        change({ seen: FIRST.seen });
      },
    });
    training.append(element);
  });
  write((steps) => {
    // Whoever has changed something by then sees all of it.
    if (written === STEPS) return false;
    written = steps;
    draw(state.value);
    return true;
  });
}

/** The pointer and the keys over the tape: a look at a cell, and changes of the input. */
function listen(marks: TapeMarks, state: () => TapeState, change: (part: Partial<TapeState>) => void): void {
  const flip = (step: number): void => change({ step, ones: flipped(state().ones, step) });
  for (const [step, button] of marks.numbers.entries()) button.addEventListener('click', () => flip(step));
  marks.card.flip.addEventListener('click', () => flip(state().step));
  const placeAt = (event: MouseEvent): Partial<Place> | undefined => {
    for (const sheet of marks.sheets) {
      const place = sheet.placeAt(event);
      if (place) return place;
    }
    return undefined;
  };
  marks.tape.addEventListener('click', (event) => {
    // A number changes itself, and a key that presses it comes as a click at no place.
    const place = event.target instanceof HTMLButtonElement ? undefined : placeAt(event);
    if (place) change(place);
  });
  marks.tape.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse') marks.hover(placeAt(event));
  });
  marks.tape.addEventListener('pointerleave', () => marks.hover(undefined));
  marks.tape.addEventListener('keydown', (event) => {
    const place = moved(state(), event.key);
    if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    change(place);
    marks.focus(place.step);
  });
}

/** Tells how many steps are written by now, until all are or the listener has enough. */
function write(tell: (steps: number) => boolean): void {
  if (wantsNoMotion()) return void tell(STEPS);
  const began = performance.now();
  const frame = (): void => {
    const steps = Math.min(STEPS, Math.floor((performance.now() - began) / STEP_MS));
    if (tell(steps) && steps < STEPS) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
