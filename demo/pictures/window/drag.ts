import { SEQUENCE_LENGTH } from '../../experiments/data/sequences.ts';
import type { View } from './data.ts';
import { isHandle, stepAt } from './marks.ts';

/** Moves the window on the picture with the pointer: by its end its length, by all else its place. */
export function dragWindow(
  room: HTMLElement,
  view: () => View,
  move: (part: Partial<Pick<View, 'length' | 'start'>>) => void,
): void {
  const placeOf = ({ clientX }: PointerEvent): number => clientX - room.getBoundingClientRect().left;
  let drag: ((x: number) => void) | undefined;

  room.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const x = placeOf(event);
    const { length, start } = view();
    const step = stepAt(x, room.clientWidth);
    if (isHandle(x, view(), room.clientWidth)) {
      drag = (to) => move({ length: Math.min(SEQUENCE_LENGTH, Math.round(stepAt(to, room.clientWidth))) - start });
    } else {
      // A window that was not hit comes to the pointer.
      const grip = step >= start && step <= start + length ? step - start : length / 2;
      drag = (to) => move({ start: Math.round(stepAt(to, room.clientWidth) - grip) });
      drag(x);
    }
    event.preventDefault();
    room.setPointerCapture(event.pointerId);
  });
  room.addEventListener('pointermove', (event) => drag?.(placeOf(event)));
  for (const end of ['pointerup', 'pointercancel'] as const) room.addEventListener(end, () => (drag = undefined));
}
