import { PictureState } from '../../page/address.ts';
import { CheckedField } from '../../page/checked-field.ts';
import { Choice } from '../../page/choice.ts';
import { FIRST_SETTINGS, RANGES, settingsNotation, UNITS } from './data.ts';
import type { ForecastSettings } from './plan.ts';

/** The settings that are typed, and how the sentence about a wrong one begins. */
const TYPED = { window: 'Window', epochs: 'Epochs', season: 'Naive forecast' } as const;

/** The settings of a forecast: what is picked stands before what is typed, whose fields are in the page already. */
export class SettingsForm {
  readonly #memory = new Choice(
    'Network',
    new Map([
      ['stateless', 'stateless'],
      ['stateful', 'stateful'],
    ] as const),
    (memory) => this.#state.change({ memory }),
  );
  readonly #units = new Choice('Units', new Map(UNITS.map((units) => [units, String(units)])), (units) =>
    this.#state.change({ units }),
  );
  readonly #fields: { name: keyof typeof TYPED; field: CheckedField }[];
  readonly #state: PictureState<ForecastSettings>;

  /**
   * @param element with an input for each setting that is typed, by its name
   * @param onChange called with the settings at once, and after each change
   * @param onCheck called when a field was filled in, rightly or wrongly
   */
  constructor(element: HTMLElement, onChange: (settings: ForecastSettings) => void, onCheck: () => void) {
    element.prepend(this.#memory.element, this.#units.element);
    this.#fields = (['window', 'epochs', 'season'] as const).map((name) => {
      const input = element.querySelector<HTMLInputElement>(`[name=${name}]`)!;
      [input.min, input.max] = RANGES[name].map(String);
      return {
        name,
        field: new CheckedField(input, TYPED[name], onCheck, (value) => this.#state.change({ [name]: value })),
      };
    });
    element.append(...this.#fields.map(({ field }) => field.problem));
    this.#state = new PictureState('numbers', FIRST_SETTINGS, settingsNotation, (settings) => {
      this.#memory.value = settings.memory;
      this.#units.value = settings.units;
      for (const { name, field } of this.#fields) field.show(String(settings[name]));
      onChange(settings);
    });
  }

  get value(): ForecastSettings {
    return this.#state.value;
  }

  /** Whether all fields can be taken as they are. */
  get areValid(): boolean {
    return this.#fields.every(({ field }) => field.isValid);
  }
}
