import { html } from '../../drawing/html.ts';

/** What is going on, in one bar at the lower edge of the window for as long as it goes on. */
export class Bar {
  readonly element: HTMLElement;
  readonly #what = html('span', { className: 'what' });
  readonly #how = html('span', { className: 'how' });
  readonly #progress = html('progress', { max: 1, value: 0, ariaLabel: 'Done of all' });
  readonly #stop = html('button', { type: 'button', textContent: 'Stop' });
  #pressed: Element | null = null;

  constructor(onStop: () => void) {
    this.#stop.addEventListener('click', onStop);
    const words = html('p', {}, this.#what, this.#how);
    this.element = html('div', { className: 'bar', hidden: true, role: 'group', ariaLabel: 'Experiments under way' });
    this.element.append(words, this.#progress, this.#stop);
  }

  /** Appears. The button that was pressed is disabled by then: the focus goes from it to the one that stops. */
  begin(pressed: Element | null): void {
    this.#pressed = pressed;
    this.show('', [], 0);
    if (pressed instanceof HTMLButtonElement) this.#stop.focus({ preventScroll: true });
  }

  /** @param how what it is doing, how far it is, and how long it takes */
  show(what: string, how: readonly string[], fraction: number): void {
    this.element.hidden = false;
    this.#what.textContent = what;
    this.#how.textContent = how.join(' · ');
    this.#progress.value = fraction;
  }

  /** Goes away, and the focus goes back to the button that was pressed. */
  end(): void {
    const isFocused = this.element.contains(document.activeElement);
    this.element.hidden = true;
    if (isFocused && this.#pressed instanceof HTMLElement) this.#pressed.focus({ preventScroll: true });
  }
}
