import { html } from '../../drawing/html.ts';
import type { Obstacle } from '../../page/webgpu.ts';
import { adviceOn } from '../../page/advice.ts';
import { dayOf } from '../../page/figures.ts';
import type { Recording } from './sources/recording.ts';

/** Says, where nothing can be trained, what is shown instead, and what to do about it. */
export function recordingNote(obstacle: Obstacle, { date, machine, seed }: Recording): HTMLElement {
  const { what, remedy } = adviceOn(obstacle, navigator.userAgent);
  return html(
    'div',
    { className: 'recording-note', role: 'note' },
    html('p', {}, html('strong', { textContent: what }), ' ', remedy),
    html('p', {
      textContent:
        'The pictures of memory are computed as you look at them all the same. ' +
        `The curves below were recorded on ${dayOf(date)}, on ${machine}, with seed ${seed}.`,
    }),
  );
}
