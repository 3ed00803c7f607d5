import { Choice } from '../../page/choice.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import { FORMATS, type FormatName } from '../formats.ts';
import { knownModels, onKnownModels, type ModelName } from '../models.ts';
import { ProgramView } from '../program-view.ts';
import { Downloads } from './download.ts';
import { exportLines } from './program.ts';
import './export.css';

/** The part of the lab that makes files of a network, for other programs. */
export function mountExport(root: HTMLElement): JobControl<'save'>[] {
  return [new ExportLab(root).control];
}

class ExportLab {
  readonly control = new JobControl({ save: 'Download' }, (context) => this.#save(context));
  readonly #models: HTMLSelectElement;
  readonly #holds: HTMLElement;
  readonly #note: HTMLElement;
  readonly #downloads: Downloads;
  readonly #program: ProgramView;
  readonly #formats: Choice<FormatName>;
  #format: FormatName = 'keras';

  constructor(root: HTMLElement) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    [this.#holds, this.#note] = [part('.holds'), part('.note')];
    this.#models = part('[name=model]');
    this.#downloads = new Downloads(part('.saved'));
    this.#program = new ProgramView(part('.program'));
    const labels = Object.entries(FORMATS).map(([name, { label }]) => [name as FormatName, label] as const);
    this.#formats = new Choice('Format', new Map(labels), (format) => {
      this.#format = format;
      this.#show();
    });
    part('.settings').append(this.#formats.element);
    part('.run').append(this.control.element);
    this.#models.addEventListener('change', () => this.#show());
    onKnownModels(() => this.#list());
    this.#list();
  }

  /** Lists the networks that there are, with the one that was picked. */
  #list(): void {
    const known = knownModels();
    const picked = this.#models.value;
    const options = [...known].map(([name, { title }]) => new Option(title, name));
    const none = new Option('none yet: forecast, learn to write or open one', '');
    this.#models.replaceChildren(...(options.length > 0 ? options : [none]));
    if (known.has(picked as ModelName)) this.#models.value = picked;
    this.#models.disabled = this.control.starts.save.disabled = known.size === 0;
    this.#show();
  }

  /** Shows what is picked. Files of another network or format are gone then. */
  #show(): void {
    this.#formats.value = this.#format;
    this.#holds.textContent = FORMATS[this.#format].holds;
    const model = knownModels().get(this.#models.value as ModelName);
    this.#note.textContent = model?.note ?? '';
    this.#downloads.clear();
    this.control.forget();
    const [name, format] = [this.#models.value || 'model', this.#format];
    this.#program.show(() => exportLines(name, format));
  }

  async #save({ signal, tell }: WorkContext): Promise<void> {
    const options = { name: this.#models.value as ModelName, format: this.#format };
    this.#downloads.clear();
    const files = await runJob('writeModel', options, { signal, hear: ({ phase }) => tell({ doing: phase }) });
    // The reader may have picked another network or format meanwhile.
    if (options.name === this.#models.value && options.format === this.#format) this.#downloads.give(files);
  }
}
