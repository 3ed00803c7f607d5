import { html } from '../drawing/html.ts';
import { TableTwin } from '../page/table-twin.ts';
import { stretchWords, table, type View, type VoiceSettings } from './data.ts';
import type { Recording } from './recording.ts';
import type { Stretch } from './speech.ts';
import { Strip } from './strip.ts';

/** Shows what was heard: the picture, the stretches of speech as a list, and all numbers in a table. */
export class VoiceMarks {
  readonly #strip = new Strip();
  readonly #list: HTMLElement;
  readonly #twin = new TableTwin('The probability of speech in each chunk of 32 ms.');

  constructor(root: HTMLElement) {
    root.querySelector('.plot')!.append(this.#strip.canvas);
    root.querySelector('.heard')!.append(this.#twin.element);
    this.#list = root.querySelector<HTMLElement>('.stretches ol')!;
  }

  draw(recording: Recording, stretches: readonly Stretch[], { threshold }: VoiceSettings, view: View): void {
    this.#strip.draw({ recording, stretches, threshold, view });
    stretches.forEach((stretch, index) => {
      const item = this.#list.children[index] ?? this.#list.appendChild(html('li'));
      const words = stretchWords(stretch);
      if (item.textContent !== words) item.textContent = words;
    });
    while (this.#list.children.length > stretches.length) this.#list.lastElementChild!.remove();
  }

  /** Fills the table, once nothing more comes. */
  tell(recording: Recording): void {
    this.#twin.show(() => table(recording));
  }
}
