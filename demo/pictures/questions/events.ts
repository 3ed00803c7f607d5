import { html } from '../../drawing/html.ts';
import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { copyText } from '../../page/copy-text.ts';
import {
  type Answer,
  FIELDS,
  FIRST,
  type Kind,
  notation,
  outcomeOf,
  problemOf,
  QUESTIONS,
  questionsAsked,
  type QuestionsState,
  type Shapes,
  withAnswer,
} from './data.ts';
import { snippet } from './snippets.ts';
import './questions.css';

const ANSWERS = new Map<Answer, string>([
  ['y', 'yes'],
  ['n', 'no'],
]);

const TITLES: Record<Kind, string> = {
  stateless: 'No: a stateless model will do.',
  stateful: 'Yes: a stateful model, trained on pieces in order.',
  stream: 'Yes: a stateful model that follows a stream.',
};

/** Questions that lead to a program with the reader's own shapes. */
export function mountQuestions(root: HTMLElement): void {
  const questions = QUESTIONS.map(({ text, hint }, index) => {
    const choice = new Choice(text, ANSWERS, (answer) =>
      state.change({ answers: withAnswer(state.value.answers, index, answer) }),
    );
    const note = html('p', { className: 'quiet' }, hint);
    return { choice, element: html('div', { className: 'question' }, choice.element, note) };
  });

  const title = html('h3');
  const because = html('p');
  const outcome = html('div', { ariaLive: 'polite' }, title, because);
  const fields = FIELDS.map((field) => new Field(field, (change) => shape(change)));
  const shapes = html('div', { className: 'controls' }, ...fields.map(({ element }) => element));
  const problem = html('p', { className: 'problem', role: 'status' });
  const code = html('code');
  const box = html('pre', { tabIndex: 0, role: 'region', ariaLabel: 'The program' }, code);
  const copy = html('button', { type: 'button' });
  copy.addEventListener('click', () => void copied());
  const program = html('div', {}, shapes, problem, box, copy);
  root.querySelector('.picture')!.append(...questions.map(({ element }) => element), outcome, program);

  const state = new PictureState<QuestionsState>('questions', FIRST, notation, ({ answers, shapes }) => {
    const asked = questionsAsked(answers);
    questions.forEach(({ choice, element }, index) => {
      element.hidden = index >= asked;
      choice.value = answers[index];
    });
    const found = outcomeOf(answers);
    title.textContent = found ? TITLES[found.kind] : '';
    because.textContent = found?.because ?? '';
    outcome.hidden = program.hidden = !found;
    for (const field of fields) field.show(shapes);
    if (!found) return;
    const wrong = problemOf(shapes, found.kind);
    problem.hidden = wrong === undefined;
    problem.textContent = wrong ?? '';
    box.hidden = copy.hidden = wrong !== undefined;
    code.textContent = wrong === undefined ? snippet(found.kind, shapes) : '';
    copy.textContent = 'Copy the program';
  });

  function shape(change: Partial<Shapes>): void {
    state.change({ shapes: { ...state.value.shapes, ...change } });
  }

  async function copied(): Promise<void> {
    copy.textContent = (await copyText(code)) ? 'Copied' : 'Selected: now copy it';
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
