import { html } from '../../drawing/html.ts';
import { nameOf } from './data.ts';
import { SEATS } from './plan.ts';

/** The work of the slider and the buttons: on the chosen stream, or on all of them. */
export interface StreamActions {
  choose(seat: number): void;
  reset(): void;
  fork(): void;
  toggleFrozen(): void;
  resetAll(): void;
}

/** The slider that chooses a stream, for readers who do not point at it, and the buttons. */
export class StreamControls {
  readonly #slider = html('input', { type: 'range', min: '1', max: String(SEATS), step: '1', value: '1' });
  readonly #freeze: HTMLButtonElement;
  readonly #resetAll: HTMLButtonElement;
  /** The buttons that act on the chosen stream. */
  readonly #single: readonly HTMLButtonElement[];
  readonly elements: readonly HTMLElement[];

  constructor(actions: StreamActions) {
    this.#slider.addEventListener('input', () => actions.choose(this.#slider.valueAsNumber - 1));
    this.#freeze = button('Freeze', () => actions.toggleFrozen());
    this.#resetAll = button('Reset all', () => actions.resetAll());
    this.#single = [button('Reset', () => actions.reset()), button('Fork', () => actions.fork()), this.#freeze];
    this.elements = [
      html('div', { className: 'controls' }, html('label', {}, 'Stream', this.#slider)),
      html('div', { className: 'controls' }, ...this.#single, this.#resetAll),
    ];
  }

  /** @param isRunning whether streams move @param canAct whether there is a stream in the chosen seat */
  draw(
    seat: number,
    { isFrozen, isRunning, canAct }: { isFrozen: boolean; isRunning: boolean; canAct: boolean },
  ): void {
    // A disabled button would lose the focus.
    for (const one of this.#single) one.ariaDisabled = String(!canAct);
    this.#resetAll.ariaDisabled = String(!isRunning);
    this.#freeze.textContent = isFrozen ? 'Let it go on' : 'Freeze';
    this.#slider.value = String(seat + 1);
    this.#slider.ariaValueText = nameOf(seat);
  }
}

function button(label: string, act: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', ariaDisabled: 'true' }, label);
  element.addEventListener('click', () => {
    if (element.ariaDisabled !== 'true') act();
  });
  return element;
}
