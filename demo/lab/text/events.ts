import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { WriterNews, WriterProgress } from '../../training/jobs/writer.ts';
import { noteModel } from '../models.ts';
import { ProgramView } from '../program-view.ts';
import { describe, knownWriter, progressWords } from './data.ts';
import { WriterMarks } from './marks.ts';
import { MOST_READINGS, planWriter, type WriterPlan, type WriterSettings } from './plan.ts';
import { writerProgram } from './program.ts';
import { SAMPLE_TEXT } from './sample.ts';
import { SettingsForm } from './settings.ts';

/** The readings of the program that is shown before the network has read anything. */
const READINGS_AT_FIRST = 30;

/** The part of the lab in which a network learns to write as a text of the reader's is written. */
export function mountText(root: HTMLElement): JobControl<'learn' | 'write'> {
  return new TextLab(root).control;
}

class TextLab {
  readonly control = new JobControl({ learn: 'Learn to write', write: 'Only write' }, (context, name) =>
    this.#run(context, name === 'write'),
  );
  readonly #marks: WriterMarks;
  readonly #program: ProgramView;
  readonly #field: HTMLTextAreaElement;
  readonly #summary: HTMLElement;
  readonly #settings: SettingsForm;
  #plan?: WriterPlan;
  /** How far the network that is kept has come, and for which text and size. */
  #learned: WriterProgress = { readings: 0 };
  #learnedOf = '';

  constructor(root: HTMLElement) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    this.#marks = new WriterMarks(root);
    this.#program = new ProgramView(part('.program'));
    this.#summary = part('.summary');
    this.#field = part('[name=text]');
    this.#field.value = SAMPLE_TEXT;
    part('.run').append(this.control.element);
    this.#settings = new SettingsForm(
      part('.settings'),
      (settings) => this.#show(settings),
      // A run that learns goes on with the new temperature.
      () => this.control.restart(),
    );
    this.#field.addEventListener('input', () => this.#show(this.#settings.value));
    part('[name=sample]').addEventListener('click', () => {
      this.#field.value = SAMPLE_TEXT;
      this.#show(this.#settings.value);
    });
  }

  /** Names a network by all that makes it another one. */
  #nameOf({ units }: WriterSettings): string {
    return `${units} ${this.#field.value}`;
  }

  #show(settings: WriterSettings): void {
    const text = this.#field.value;
    const planned = planWriter(text);
    const plan = typeof planned === 'string' ? undefined : planned;
    this.#plan = plan;
    this.#summary.textContent = typeof planned === 'string' ? planned : describe(planned);
    this.#summary.toggleAttribute('data-problem', plan === undefined);
    const isOther = this.#learnedOf !== this.#nameOf(settings);
    if (isOther) {
      // How a run ended is of the text and the size with which it began.
      this.control.stop();
      this.control.forget();
    }
    this.#marks.isOld = isOther && this.#learnedOf !== '';
    const readings = isOther ? 0 : this.#learned.readings;
    const { learn, write } = this.control.starts;
    learn.disabled = !plan || readings >= MOST_READINGS;
    learn.textContent = readings > 0 ? 'Go on' : 'Learn to write';
    write.hidden = readings === 0;
    if (plan) this.#program.show(() => writerProgram(text, settings, plan, readings || READINGS_AT_FIRST));
    else this.#program.hide();
  }

  async #run({ signal, tell }: WorkContext, writesOnly: boolean): Promise<string> {
    const [settings, text, plan] = [this.#settings.value, this.#field.value, this.#plan!];
    const goesOn = this.#learnedOf === this.#nameOf(settings);
    if (!goesOn) {
      this.#learned = { readings: 0 };
      this.#learnedOf = this.#nameOf(settings);
      noteModel('writer', undefined);
      this.#marks.begin(text, plan);
    }
    const hear = ({ compiling, learned, begins, written }: WriterNews): void => {
      if (compiling) tell({ part: 'Learning', compiling });
      if (learned) {
        this.#learned = learned;
        tell({ doing: progressWords(learned), fraction: learned.readings / MOST_READINGS });
        this.#marks.addLoss(learned);
      }
      if (begins) this.#marks.beginPiece(this.#learned, settings);
      if (written !== undefined) this.#marks.write(written);
    };
    try {
      this.#learned = await runJob('writer', { text, settings, plan, goesOn, writesOnly }, { signal, hear });
      noteModel('writer', knownWriter(this.#learned));
      // The reader may have turned to another text meanwhile.
      if (this.#learnedOf !== this.#nameOf(this.#settings.value)) return '';
      return progressWords({ ...this.#learned, charactersPerSecond: undefined });
    } finally {
      this.#show(this.#settings.value);
    }
  }
}
