import { html } from '../../drawing/html.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { CellCard } from './cell-card.ts';
import { LENGTH, SEQUENCES, type Place, type Reading, type TapeState } from './data.ts';
import { Sheet } from './sheet.ts';
import { captionOf, labelOf, tableOf } from './words.ts';

/** The tape with its caption, the card of the cell that is looked at, and the table. */
export class TapeMarks {
  readonly sheets = Array.from({ length: SEQUENCES }, (_, sequence) => new Sheet(sequence));
  readonly card = new CellCard();
  readonly tape = html('div', { className: 'tape' }, ...this.sheets.map(({ element }) => element));
  readonly #count = html('b');
  readonly #why = html('span');
  readonly #twin = new TableTwin('The tape, step by step: input x, target y, answer p and the cells c');
  readonly elements = [
    this.tape,
    html('p', { className: 'caption', role: 'status' }, this.#count, this.#why),
    answerLegend(),
    this.card.element,
    this.#twin.element,
  ];
  #readings: readonly Reading[] = [];
  #chosen: Place = { step: 0, cell: 0 };
  #hovered?: Partial<Place>;

  /** @param written how many steps of the tape are there already */
  draw(readings: readonly Reading[], state: TapeState, written: number): void {
    this.#readings = readings;
    const label = labelOf(state);
    for (const sheet of this.sheets) sheet.draw(readings, state.mode, written, label);
    const { count, why } = captionOf(state, readings);
    // A text that is set anew is read out anew.
    if (this.#count.textContent !== count) this.#count.textContent = count;
    if (this.#why.textContent !== `: ${why}`) this.#why.textContent = `: ${why}`;
    this.#twin.show(() => tableOf(readings));
    for (const [step, button] of this.numbers.entries()) button.tabIndex = step === state.step ? 0 : -1;
    this.#chosen = state;
    this.#look();
  }

  /** Shows what is under the pointer, instead of what was chosen, until the pointer leaves. */
  hover(place: Partial<Place> | undefined): void {
    this.#hovered = place;
    this.#look();
  }

  #look(): void {
    const place = { ...this.#chosen, ...this.#hovered };
    for (const sheet of this.sheets) sheet.look(place);
    this.card.show(place, this.#readings[place.step]);
  }

  /** The numbers of the input, a button a step. */
  get numbers(): HTMLButtonElement[] {
    return this.sheets.flatMap(({ numbers }) => numbers);
  }

  /** Has a number of the input in view and in focus. */
  focus(step: number): void {
    this.sheets[Math.floor(step / LENGTH)].numbers[step % LENGTH].focus();
  }
}

/** Tells the marks of the answers. */
function answerLegend(): HTMLElement {
  const mark = (name: string, sign: string): HTMLElement => html('span', { className: name }, sign);
  const text = ' wrong. The shaded half is where the right answers lie.';
  return html('p', { className: 'answer-legend' }, mark('right', '●'), ' right, ', mark('wrong', '✕'), text);
}
