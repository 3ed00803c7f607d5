import { PictureState } from '../../page/address.ts';
import { copyText } from '../../page/copy-text.ts';
import { FIRST, notation, type QuestionsState, withAnswer } from './data.ts';
import { QuestionsMarks } from './marks.ts';
import './questions.css';

/** Questions that lead to a program with the reader's own shapes. */
export function mountQuestions(root: HTMLElement): void {
  const marks = new QuestionsMarks(
    (question, answer) => state.change({ answers: withAnswer(state.value.answers, question, answer) }),
    (shape) => state.change({ shapes: { ...state.value.shapes, ...shape } }),
  );
  marks.copy.addEventListener('click', () => void copy());
  root.querySelector('.picture')!.append(...marks.elements);
  const state = new PictureState<QuestionsState>('questions', FIRST, notation, (state) => marks.draw(state));

  async function copy(): Promise<void> {
    marks.copy.textContent = (await copyText(marks.code)) ? 'Copied' : 'Selected: now copy it';
  }
}
