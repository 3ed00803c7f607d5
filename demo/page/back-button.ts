import { html } from '../drawing/html.ts';

/**
 * The button that brings a recording back where a training has taken its place. Whoever trains hides it meanwhile.
 *
 * @param control with the button that starts the training, to which the focus goes
 */
export function backButton(control: HTMLElement, bringBack: () => void): HTMLButtonElement {
  const button = html('button', { type: 'button', className: 'back', hidden: true }, 'Back to the recording');
  button.addEventListener('click', () => {
    button.hidden = true;
    control.querySelector<HTMLElement>('.start')?.focus({ preventScroll: true });
    bringBack();
  });
  return button;
}
