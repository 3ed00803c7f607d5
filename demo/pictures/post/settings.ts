import { html } from '../../drawing/html.ts';
import { CheckedField } from '../../page/checked-field.ts';
import { PictureState } from '../../page/address.ts';
import { LARGEST_SEED } from '../../experiments/data/random.ts';
import { FIRST_SETTINGS, MOST_EPOCHS, type Settings, settingsNotation } from './data.ts';

/** The settings, tucked away under one line. */
export class SettingsForm {
  readonly element: HTMLElement;
  readonly #seed: CheckedField;
  readonly #epochs: CheckedField;
  readonly #state: PictureState<Settings>;

  /**
   * @param onChange called with the settings at once, and after each change
   * @param onCheck called when a field was filled in, rightly or wrongly
   */
  constructor(onChange: (settings: Settings) => void, onCheck: () => void) {
    const seed = html('input', { type: 'number', min: '0', max: String(LARGEST_SEED), required: true });
    const epochs = html('input', { type: 'number', min: '1', max: String(MOST_EPOCHS), placeholder: 'as the post' });
    this.#seed = new CheckedField(seed, 'Seed', onCheck, (seed) => this.#state.change({ seed }));
    this.#epochs = new CheckedField(epochs, 'Epochs', onCheck, (epochs = 0) => this.#state.change({ epochs }));
    this.#state = new PictureState('post', FIRST_SETTINGS, settingsNotation, (settings) => {
      const { seed, epochs } = settings;
      this.#seed.show(String(seed));
      this.#epochs.show(epochs === 0 ? '' : String(epochs));
      onChange(settings);
    });
    this.element = html(
      'details',
      { className: 'settings' },
      html('summary', { textContent: 'Settings' }),
      html('label', {}, 'Seed ', seed),
      html('label', {}, 'Epochs ', epochs),
      this.#seed.problem,
      this.#epochs.problem,
    );
  }

  set enabled(enabled: boolean) {
    for (const { input } of [this.#seed, this.#epochs]) input.disabled = !enabled;
  }

  get value(): Settings {
    return this.#state.value;
  }

  /** Whether both fields can be taken as they are. */
  get areValid(): boolean {
    return this.#seed.isValid && this.#epochs.isValid;
  }
}
