import { html } from '../../drawing/html.ts';
import { PictureState } from '../../page/address.ts';
import { LARGEST_SEED } from '../../experiments/random.ts';
import { FIRST_SETTINGS, MOST_EPOCHS, type Settings, settingsNotation } from './data.ts';

/** The settings, tucked away under one line. */
export class SettingsForm {
  readonly element: HTMLElement;
  readonly #seed = html('input', { type: 'number', min: '0', max: String(LARGEST_SEED), required: true });
  readonly #epochs = html('input', {
    type: 'number',
    min: '1',
    max: String(MOST_EPOCHS),
    placeholder: 'as the post',
  });
  readonly #state: PictureState<Settings>;

  /** @param onChange called with the settings at once, and after each change */
  constructor(onChange: (settings: Settings) => void) {
    this.#state = new PictureState('post', FIRST_SETTINGS, settingsNotation, (settings) => {
      const { seed, epochs } = settings;
      this.#seed.value = String(seed);
      this.#epochs.value = epochs === 0 ? '' : String(epochs);
      onChange(settings);
    });
    for (const input of [this.#seed, this.#epochs]) input.addEventListener('change', () => this.#read());
    this.element = html(
      'details',
      { className: 'settings' },
      html('summary', { textContent: 'Settings' }),
      html('label', {}, 'Seed ', this.#seed),
      html('label', {}, 'Epochs ', this.#epochs),
    );
  }

  set enabled(enabled: boolean) {
    for (const input of [this.#seed, this.#epochs]) input.disabled = !enabled;
  }

  get value(): Settings {
    return this.#state.value;
  }

  #read(): void {
    if (!this.#seed.reportValidity() || !this.#epochs.reportValidity()) return;
    this.#state.change({ seed: this.#seed.valueAsNumber, epochs: this.#epochs.valueAsNumber || 0 });
  }
}
