import { html } from '../../drawing/html.ts';
import { Choice } from '../../page/choice.ts';
import {
  type Answer,
  FIELDS,
  type Kind,
  outcomeOf,
  problemOf,
  QUESTIONS,
  questionsAsked,
  type QuestionsState,
  type Shapes,
} from './data.ts';
import { snippet } from './snippets.ts';

const ANSWERS = new Map<Answer, string>([
  ['y', 'yes'],
  ['n', 'no'],
]);

const TITLES: Record<Kind, string> = {
  stateless: 'No: a stateless model will do.',
  stateful: 'Yes: a stateful model, trained on pieces in order.',
  stream: 'Yes: a stateful model that follows a stream.',
};

/** The questions that matter, what the answers come to, and the program for the reader's shapes. */
export class QuestionsMarks {
  readonly code = html('code');
  readonly copy = html('button', { type: 'button' });
  readonly elements: readonly HTMLElement[];
  readonly #questions: readonly { choice: Choice<Answer>; element: HTMLElement }[];
  readonly #title = html('h3');
  readonly #because = html('p');
  readonly #outcome = html('div', { ariaLive: 'polite' }, this.#title, this.#because);
  readonly #fields: readonly Field[];
  readonly #problem = html('p', { className: 'problem', role: 'status' });
  readonly #box = html('pre', { tabIndex: 0, role: 'region', ariaLabel: 'The program' }, this.code);
  readonly #program: HTMLElement;

  /**
   * @param onAnswer called with the number of the question, counted from 0
   * @param onShape called with the shape that was changed
   */
  constructor(onAnswer: (question: number, answer: Answer) => void, onShape: (change: Partial<Shapes>) => void) {
    this.#questions = QUESTIONS.map(({ text, hint }, index) => {
      const choice = new Choice(text, ANSWERS, (answer) => onAnswer(index, answer));
      const note = html('p', { className: 'quiet' }, hint);
      return { choice, element: html('div', { className: 'question' }, choice.element, note) };
    });
    this.#fields = FIELDS.map((field) => new Field(field, onShape));
    const shapes = html('div', { className: 'controls' }, ...this.#fields.map(({ element }) => element));
    this.#program = html('div', {}, shapes, this.#problem, this.#box, this.copy);
    this.elements = [...this.#questions.map(({ element }) => element), this.#outcome, this.#program];
  }

  draw({ answers, shapes }: QuestionsState): void {
    const asked = questionsAsked(answers);
    this.#questions.forEach(({ choice, element }, index) => {
      element.hidden = index >= asked;
      choice.value = answers[index];
    });
    const outcome = outcomeOf(answers);
    this.#title.textContent = outcome ? TITLES[outcome.kind] : '';
    this.#because.textContent = outcome?.because ?? '';
    this.#outcome.hidden = this.#program.hidden = !outcome;
    for (const field of this.#fields) field.show(shapes);
    if (outcome) this.#drawProgram(outcome.kind, shapes);
  }

  #drawProgram(kind: Kind, shapes: Shapes): void {
    const problem = problemOf(shapes, kind);
    const isWrong = problem !== undefined;
    this.#problem.hidden = !isWrong;
    this.#problem.textContent = problem ?? '';
    this.#box.hidden = this.copy.hidden = isWrong;
    this.code.textContent = isWrong ? '' : snippet(kind, shapes);
    this.copy.textContent = 'Copy the program';
  }
}

/** A field for one of the shapes. */
class Field {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;

  constructor(
    private readonly field: (typeof FIELDS)[number],
    onChange: (change: Partial<Shapes>) => void,
  ) {
    const { name, label, least } = field;
    this.#input = html('input', { type: 'number', min: String(least), max: '9999999', step: '1', required: true });
    this.#input.addEventListener('input', () => onChange({ [name]: this.#input.valueAsNumber }));
    this.element = html('label', {}, label, this.#input);
  }

  show(shapes: Shapes): void {
    const value = shapes[this.field.name];
    // A field that is being emptied must not fill itself again.
    if (document.activeElement !== this.#input) this.#input.value = Number.isNaN(value) ? '' : String(value);
  }
}
