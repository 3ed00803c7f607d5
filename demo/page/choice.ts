let groups = 0;

/** One of several values to pick, as radio buttons in a row: the keyboard and screen readers know them. */
export class Choice<Value extends string | number> {
  readonly element = document.createElement('fieldset');
  readonly #inputs = new Map<Value, HTMLInputElement>();

  /**
   * @param legend what is picked
   * @param labels the texts of the values, in order
   */
  constructor(legend: string, labels: ReadonlyMap<Value, string>, onPick: (value: Value) => void) {
    this.element.className = 'choice';
    const caption = document.createElement('legend');
    caption.textContent = legend;
    this.element.append(caption);
    const name = `choice-${groups++}`;
    for (const [value, text] of labels) {
      const label = document.createElement('label');
      const input = document.createElement('input');
      input.type = 'radio';
      input.name = name;
      input.value = String(value);
      input.addEventListener('change', () => onPick(value));
      label.append(input, text);
      this.element.append(label);
      this.#inputs.set(value, input);
    }
  }

  /** `undefined` while nothing is picked. */
  set value(value: Value | undefined) {
    for (const [known, input] of this.#inputs) input.checked = known === value;
  }
}
