import { takeDrops } from '../../page/drop-zone.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { OpenedModel, PhaseNews } from '../../training/jobs/open-model.ts';
import { noteModel } from '../models.ts';
import { ProgramView } from '../program-view.ts';
import { formOf } from './data.ts';
import { inputWords, randomInputs, readInputs, type InputForm, type Inputs } from './inputs.ts';
import { ImportMarks } from './marks.ts';
import { importProgram, type ProgramFiles } from './program.ts';
import './import.css';

/** The part of the lab that opens the reader's files of models, and runs what is in them. */
export function mountImport(root: HTMLElement): JobControl<never>[] {
  const { opening, predicting } = new ImportLab(root);
  return [opening, predicting];
}

class ImportLab {
  readonly opening = new JobControl(
    { open: 'Open', weights: 'Take its weights for the network below' },
    (context, how) => this.#open(context, how === 'weights'),
  );
  readonly predicting = new JobControl({ predict: 'Predict' }, (context) => this.#predict(context));
  readonly #marks: ImportMarks;
  readonly #program: ProgramView;
  readonly #summary: HTMLElement;
  readonly #label: HTMLElement;
  readonly #field: HTMLTextAreaElement;
  readonly #problem: HTMLElement;
  #files: readonly File[] = [];
  #opened?: OpenedModel;
  #names: ProgramFiles = { model: '' };
  #seed = 1;
  #inputs?: Inputs;

  constructor(root: HTMLElement) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    this.#marks = new ImportMarks(root);
    this.#program = new ProgramView(part('.program'));
    [this.#summary, this.#label, this.#problem] = [part('.summary'), part('.takes'), part('.inputs-problem')];
    this.#field = part('[name=inputs]');
    part('.run').append(this.opening.element);
    part('.predict').append(this.predicting.element);
    this.opening.starts.open.hidden = this.opening.starts.weights.hidden = true;
    const chooser = part<HTMLInputElement>('[name=model-files]');
    // The same files may be chosen again, once they have changed.
    chooser.addEventListener('click', () => (chooser.value = ''));
    chooser.addEventListener('change', () => this.#take([...chooser.files!]));
    takeDrops(part('.drop-zone'), (files) => this.#take(files));
    this.#field.addEventListener('input', () => this.#read());
    part('[name=random]').addEventListener('click', () => this.#fill(this.#seed + 1));
  }

  #take(files: readonly File[]): void {
    if (files.length === 0) return;
    this.#files = files;
    this.#summary.textContent = files.map(({ name, size }) => `${name} (${kilobytes(size)})`).join(', ');
    this.opening.starts.open.hidden = false;
    if (this.opening.isRunning) this.opening.restart();
    else this.opening.starts.open.click();
  }

  async #open(context: WorkContext, weightsOnly: boolean): Promise<void> {
    const files = this.#files;
    const opened = await runJob('openModel', { files, weightsOnly }, listen(context));
    const isSameForm = this.#opened && JSON.stringify(this.#form) === JSON.stringify(formOf(opened.summary));
    this.#opened = opened;
    const { source, hasNewWeights } = opened;
    if (source) this.#names = hasNewWeights ? { ...this.#names, weights: source.name } : { model: source.name };
    this.opening.starts.weights.hidden = false;
    noteModel('imported', { title: `the network of ${this.#names.model}` });
    this.#marks.showModel(opened);
    this.#label.textContent = inputWords(this.#form);
    if (isSameForm) this.#read();
    else this.#fill(this.#seed);
    this.predicting.forget();
    if (this.#inputs) await this.#predict(context);
  }

  get #form(): InputForm {
    return formOf(this.#opened!.summary);
  }

  #fill(seed: number): void {
    this.#seed = seed;
    this.#field.value = randomInputs(this.#form, seed);
    this.#read();
  }

  #read(): void {
    const read = readInputs(this.#field.value, this.#form);
    const inputs = typeof read === 'string' ? undefined : read;
    this.#inputs = inputs;
    this.#problem.textContent = typeof read === 'string' ? read : '';
    this.#field.ariaInvalid = String(inputs === undefined);
    this.predicting.starts.predict.disabled = inputs === undefined;
    this.#marks.forgetOutputs();
    if (!inputs) return this.#program.hide();
    const [names, isStateful] = [this.#names, this.#opened!.summary.batchSize !== undefined];
    this.#program.show(() => importProgram(names, isStateful, inputs));
  }

  async #predict(context: WorkContext): Promise<void> {
    const inputs = this.#inputs!;
    const outputs = await runJob('predictWith', inputs, listen(context));
    // The reader may have typed other numbers meanwhile.
    if (inputs === this.#inputs) this.#marks.showOutputs(outputs);
  }
}

function listen({ signal, tell }: WorkContext): { signal: AbortSignal; hear: (news: PhaseNews) => void } {
  return { signal, hear: ({ phase }) => tell({ doing: phase }) };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} kB`;
}
