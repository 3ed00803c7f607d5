import { html } from '../../drawing/html.ts';
import { JobProgress, type WorkStatus } from '../../page/job-progress.ts';

/** Shows what is going on, in one bar at the lower edge of the window, for as long as it goes on. */
export class Bar {
  readonly #what = html('span', { className: 'what' });
  readonly #progress = new JobProgress('Done of all');
  readonly element = html(
    'div',
    { className: 'bar', hidden: true, role: 'group', ariaLabel: 'Experiments under way' },
    html('p', {}, this.#what, this.#progress.words),
    this.#progress.bar,
    this.#progress.stopper,
  );
  #pressed: Element | null = null;

  /**
   * Appears. The button that was pressed is disabled by then: the focus goes from it to the one that stops.
   *
   * @returns the signal that tells what goes on to stop
   */
  begin(pressed: Element | null): AbortSignal {
    this.#pressed = pressed;
    this.#what.textContent = '';
    const signal = this.#progress.begin();
    this.element.hidden = false;
    if (pressed instanceof HTMLButtonElement) this.#progress.stopper.focus({ preventScroll: true });
    return signal;
  }

  /** @param what is about to begin */
  prepare(what: string, fraction: number): void {
    this.#what.textContent = what;
    this.#progress.prepare(fraction);
  }

  show(status: WorkStatus): void {
    this.#progress.tell(status);
  }

  /** Goes away, and the focus goes back to the button that was pressed. */
  end(): void {
    const isFocused = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.#progress.end('');
    if (isFocused && this.#pressed instanceof HTMLElement) this.#pressed.focus({ preventScroll: true });
  }
}
