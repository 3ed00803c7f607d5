/** The keyboard in the picture: one stop of the tab key, from which the arrow keys go from gap to gap. */
export class GapKeys {
  /** The name of the gap that the tab key comes to. */
  #stop = '';

  constructor(private readonly room: HTMLElement) {
    room.addEventListener('keydown', (event) => {
      const next = this.#next(event);
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
    room.addEventListener('focusin', ({ target }) => this.#makeStop((target as Element).closest<SVGElement>('.gap')));
  }

  /** Shows a picture instead of the last one, with the focus where it was. */
  show(picture: SVGElement): void {
    const hadFocus = this.room.contains(document.activeElement);
    this.room.replaceChildren(picture);
    const gaps = this.#gaps();
    const stop = gaps.find((gap) => gap.dataset.gap === this.#stop) ?? gaps[0];
    this.#makeStop(stop);
    if (hadFocus) stop.focus({ preventScroll: true });
  }

  #gaps(): SVGElement[] {
    return [...this.room.querySelectorAll<SVGElement>('.gap')];
  }

  #makeStop(stop: SVGElement | null): void {
    if (!stop) return;
    this.#stop = stop.dataset.gap!;
    for (const gap of this.#gaps()) gap.setAttribute('tabindex', gap === stop ? '0' : '-1');
  }

  /** The gap beside, above or below the one that has the focus. */
  #next({ key, target }: KeyboardEvent): SVGElement | undefined {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const gap = (target as Element).closest<SVGElement>('.gap');
    if (!step || !gap) return undefined;
    const [batch, row] = gap.dataset.gap!.split('.').map(Number);
    const name = `${batch + step[0]}.${row + step[1]}`;
    return this.#gaps().find((other) => other.dataset.gap === name);
  }
}
