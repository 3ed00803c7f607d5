import { fillTable } from '../../page/table-twin.ts';
import type { OpenedModel } from '../../training/jobs/open-model.ts';
import type { Shaped } from '../../training/jobs/use-model.ts';
import { openedWords, outputCaption, outputTable, outputWords, structureTable, verificationWords } from './data.ts';

/** Shows what was opened: sentences about it, its layers, and what it predicts. */
export class ImportMarks {
  readonly #part: <Part extends HTMLElement>(selector: string) => Part;

  constructor(root: HTMLElement) {
    this.#part = (selector) => root.querySelector(selector)!;
  }

  showModel(opened: OpenedModel): void {
    this.#part('.opened').hidden = false;
    this.#part('.what').textContent = openedWords(opened);
    fillTable(this.#part<HTMLTableElement>('.structure'), structureTable(opened.summary), 'Layers of the network.');
    const verdict = this.#part('.verdict');
    const { text, isSame } = opened.verification ? verificationWords(opened.verification) : { text: '', isSame: true };
    verdict.textContent = text;
    verdict.toggleAttribute('data-problem', !isSame);
  }

  showOutputs(outputs: Shaped): void {
    this.#part('.outputs-shown').hidden = false;
    this.#part('.came').textContent = outputWords(outputs);
    fillTable(this.#part<HTMLTableElement>('.outputs'), outputTable(outputs), outputCaption(outputs));
  }

  /** Takes away what was predicted from other numbers, or by another network. */
  forgetOutputs(): void {
    this.#part('.outputs-shown').hidden = true;
    this.#part('.came').textContent = '';
  }
}
