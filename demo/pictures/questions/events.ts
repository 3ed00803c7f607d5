import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
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
    const note = paragraph('quiet');
    note.textContent = hint;
    const element = document.createElement('div');
    element.className = 'question';
    element.append(choice.element, note);
    return { choice, element };
  });

  const title = document.createElement('h3');
  const because = paragraph('because');
  const fields = FIELDS.map((field) => new Field(field, (change) => shape(change)));
  const shapes = document.createElement('div');
  shapes.className = 'controls';
  shapes.append(...fields.map(({ element }) => element));
  const problem = paragraph('problem');
  const code = document.createElement('code');
  const box = document.createElement('pre');
  box.tabIndex = 0;
  box.role = 'region';
  box.ariaLabel = 'The program';
  box.append(code);
  const copy = document.createElement('button');
  copy.type = 'button';
  copy.addEventListener('click', () => void copied());
  const outcome = document.createElement('div');
  outcome.ariaLive = 'polite';
  outcome.append(title, because);
  const program = document.createElement('div');
  program.append(shapes, problem, box, copy);
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
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = 'Copied';
    } catch {
      // Some browsers give no access to the clipboard: the reader copies what is selected then.
      getSelection()?.selectAllChildren(code);
      copy.textContent = 'Selected: now copy it';
    }
  }
}

/** A field for one of the shapes. */
class Field {
  readonly element = document.createElement('label');
  readonly #input = document.createElement('input');

  constructor(
    private readonly field: (typeof FIELDS)[number],
    onChange: (change: Partial<Shapes>) => void,
  ) {
    Object.assign(this.#input, { type: 'number', min: field.least, max: 9_999_999, step: 1, required: true });
    this.element.append(field.label, this.#input);
    this.#input.addEventListener('input', () => onChange({ [field.name]: this.#input.valueAsNumber }));
  }

  show(shapes: Shapes): void {
    const value = shapes[this.field.name];
    // A field that is being emptied must not fill itself again.
    if (document.activeElement !== this.#input) this.#input.value = Number.isNaN(value) ? '' : String(value);
  }
}

function paragraph(name: string): HTMLParagraphElement {
  const element = document.createElement('p');
  element.className = name;
  return element;
}
