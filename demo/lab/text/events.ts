import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { WriterProgress, WriterNews } from '../../training/jobs/writer.ts';
import { ProgramView } from '../program-view.ts';
import * as data from './data.ts';
import { WriterMarks } from './marks.ts';
import { MOST_READINGS, planWriter, type WriterPlan, type WriterSettings } from './plan.ts';
import { writerProgram } from './program.ts';
import { SAMPLE_TEXT } from './sample.ts';

/** The readings of the program that is shown before the network has read anything. */
const READINGS_AT_FIRST = 30;

/** The part of the lab in which a network learns to write as a text of the reader's is written. */
export function mountText(root: HTMLElement): JobControl<'learn' | 'write'> {
  const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
  const marks = new WriterMarks(root);
  const program = new ProgramView(part('.program'));
  const control = new JobControl({ learn: 'Learn to write', write: 'Only write' }, run);
  part('.run').append(control.element);
  const field = part<HTMLTextAreaElement>('[name=text]');
  const temperature = part<HTMLInputElement>('[name=temperature]');
  const summary = part('.summary');
  const { learn, write } = control.starts;

  let plan: WriterPlan | undefined;
  /** How far the network that is kept has come, and for which text and size. */
  let learned: WriterProgress = { readings: 0 };
  let learnedOf = '';

  const units = new Choice('Units', new Map(data.UNITS.map((units) => [units, String(units)])), (units) =>
    state.change({ units }),
  );
  part('.settings').prepend(units.element);
  Object.assign(temperature, { min: data.COLDEST, max: data.HOTTEST, step: data.TEMPERATURE_STEP });
  temperature.addEventListener('input', () => state.change({ temperature: temperature.valueAsNumber }));
  // A run that learns goes on with the new temperature.
  temperature.addEventListener('change', () => control.restart());
  field.addEventListener('input', () => show(state.value));
  part('[name=sample]').addEventListener('click', () => {
    field.value = SAMPLE_TEXT;
    show(state.value);
  });
  field.value = SAMPLE_TEXT;

  const state = new PictureState<WriterSettings>('text', data.FIRST_SETTINGS, data.settingsNotation, (settings) => {
    units.value = settings.units;
    temperature.value = String(settings.temperature);
    part('.temperature').textContent = `${settings.temperature}: ${data.temperatureWords(settings.temperature)}`;
    show(settings);
  });
  return control;

  function nameOf({ units }: WriterSettings): string {
    return `${units} ${field.value}`;
  }

  function show(settings: WriterSettings): void {
    const planned = planWriter(field.value);
    plan = typeof planned === 'string' ? undefined : planned;
    summary.textContent = typeof planned === 'string' ? planned : data.describe(planned);
    summary.toggleAttribute('data-problem', plan === undefined);
    const isKnown = learnedOf === nameOf(settings) && learned.readings > 0;
    if (learnedOf !== nameOf(settings)) {
      // How a run ended is of the text and the size with which it began.
      control.stop();
      control.forget();
    }
    learn.disabled = !plan || (isKnown && learned.readings >= MOST_READINGS);
    write.hidden = !isKnown;
    learn.textContent = isKnown ? 'Go on' : 'Learn to write';
    if (!plan) return program.hide();
    const [text, cut] = [field.value, plan];
    program.show(() => writerProgram(text, settings, cut, isKnown ? learned.readings : READINGS_AT_FIRST));
  }

  async function run({ signal, tell }: WorkContext, name: string): Promise<string> {
    const [settings, text, cut] = [state.value, field.value, plan!];
    const goesOn = learnedOf === nameOf(settings);
    if (!goesOn) {
      marks.begin(text, cut);
      learned = { readings: 0 };
      learnedOf = nameOf(settings);
    }
    const hear = ({ compiling, learned: now, begins, written }: WriterNews): void => {
      if (compiling) tell({ part: 'Learning', compiling });
      if (now) {
        learned = now;
        tell({ doing: data.progressWords(now), fraction: now.readings / MOST_READINGS });
        marks.addLoss(now);
      }
      if (begins) marks.beginPiece(learned);
      if (written !== undefined) marks.write(written);
    };
    try {
      const options = { text, settings, plan: cut, goesOn, writesOnly: name === 'write' };
      learned = await runJob('writer', options, { signal, hear });
      // The reader may have turned to another text meanwhile.
      if (learnedOf !== nameOf(state.value)) return '';
      return data.progressWords({ ...learned, charactersPerSecond: undefined });
    } finally {
      show(state.value);
    }
  }
}
