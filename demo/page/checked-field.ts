import { html } from '../drawing/html.ts';
import './checked-field.css';

let fields = 0;

/** A field for a whole number, inside its label. While its text is none within its limits, it says so behind the label. */
export class CheckedField {
  readonly problem = html('span', { className: 'field-problem', id: `field-problem-${fields++}`, role: 'status' });
  #shown = '';

  /**
   * @param input with `min` and `max`
   * @param name how the sentence about a wrong text begins
   * @param onCheck called after each change, valid or not
   * @param onValue called once a valid number is entered; `undefined` for none, where the field is not required
   */
  constructor(
    readonly input: HTMLInputElement,
    private readonly name: string,
    onCheck: () => void,
    onValue: (value: number | undefined) => void,
  ) {
    input.setAttribute('aria-describedby', this.problem.id);
    input.addEventListener('input', () => {
      this.#check();
      onCheck();
    });
    input.addEventListener('change', () => {
      if (this.isValid) onValue(input.value === '' ? undefined : input.valueAsNumber);
    });
  }

  get isValid(): boolean {
    return this.input.validity.valid;
  }

  /** Shows a value; a wrong text stays until another value is to be seen than before it. */
  show(text: string): void {
    if (this.isValid || text !== this.#shown) this.input.value = text;
    this.#shown = text;
    this.#check();
  }

  #check(): void {
    const { min, max, required } = this.input;
    const wanted = `a whole number from ${min} to ${Number(max).toLocaleString('en')}`;
    this.problem.textContent = this.isValid ? '' : `${this.name}: ${wanted}${required ? '' : ', or nothing'}.`;
    this.input.ariaInvalid = String(!this.isValid);
  }
}
