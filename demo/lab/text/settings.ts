import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import {
  COLDEST,
  FIRST_SETTINGS,
  HOTTEST,
  settingsNotation,
  TEMPERATURE_STEP,
  temperatureWords,
  UNITS,
} from './data.ts';
import type { WriterSettings } from './plan.ts';

/** The settings of a network that writes. */
export class SettingsForm {
  readonly #units = new Choice('Units', new Map(UNITS.map((units) => [units, String(units)])), (units) =>
    this.#state.change({ units }),
  );
  readonly #state: PictureState<WriterSettings>;

  /**
   * @param element with an input for the temperature, and an output for its words
   * @param onChange called with the settings at once, and after each change
   * @param onTemperature called once the reader has let go of another temperature
   */
  constructor(element: HTMLElement, onChange: (settings: WriterSettings) => void, onTemperature: () => void) {
    element.prepend(this.#units.element);
    const temperature = element.querySelector<HTMLInputElement>('[name=temperature]')!;
    const words = element.querySelector<HTMLOutputElement>('.temperature')!;
    Object.assign(temperature, { min: COLDEST, max: HOTTEST, step: TEMPERATURE_STEP });
    temperature.addEventListener('input', () => this.#state.change({ temperature: temperature.valueAsNumber }));
    temperature.addEventListener('change', onTemperature);
    this.#state = new PictureState('text', FIRST_SETTINGS, settingsNotation, (settings) => {
      this.#units.value = settings.units;
      temperature.value = String(settings.temperature);
      words.textContent = `${settings.temperature}: ${temperatureWords(settings.temperature)}`;
      onChange(settings);
    });
  }

  get value(): WriterSettings {
    return this.#state.value;
  }
}
