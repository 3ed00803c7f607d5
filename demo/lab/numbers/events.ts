import { counted } from '../../experiments/words.ts';
import { PictureState } from '../../page/address.ts';
import { CheckedField } from '../../page/checked-field.ts';
import { Choice } from '../../page/choice.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { ForecastNews } from '../../training/jobs/forecast.ts';
import { ProgramView } from '../program-view.ts';
import { describe, FIRST_SETTINGS, forecastPicture, judge, RANGES, settingsNotation, UNITS } from './data.ts';
import { NumbersInput, type Read } from './input.ts';
import { ForecastMarks } from './marks.ts';
import type { ForecastPlan, ForecastSettings } from './plan.ts';
import { forecastProgram, seriesLines } from './program.ts';
import { SAMPLE_CODE } from './sample.ts';

/** The part of the lab that forecasts a series of the reader's. */
export function mountNumbers(root: HTMLElement): JobControl<'forecast'> {
  const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
  const marks = new ForecastMarks(root);
  const program = new ProgramView(part('.program'));
  const control = new JobControl({ forecast: 'Forecast' }, run);
  part('.run').append(control.element);
  const summary = part('.summary');
  const verdict = part('.verdict');

  let read: Read = { isSample: false, problem: '' };
  let plan: ForecastPlan | undefined;

  const memory = new Choice(
    'Network',
    new Map([
      ['stateless', 'stateless'],
      ['stateful', 'stateful'],
    ] as const),
    (memory) => state.change({ memory }),
  );
  const units = new Choice('Units', new Map(UNITS.map((units) => [units, String(units)])), (units) =>
    state.change({ units }),
  );
  part('.settings').prepend(memory.element, units.element);
  const names = { window: 'Window', epochs: 'Epochs', season: 'Naive rule' };
  const numbers = (['window', 'epochs', 'season'] as const).map((name) => {
    const input = part<HTMLInputElement>(`[name=${name}]`);
    [input.min, input.max] = RANGES[name].map(String);
    const field = new CheckedField(input, names[name], enable, (value) => state.change({ [name]: value }));
    return { name, field };
  });
  part('.settings').append(...numbers.map(({ field }) => field.problem));

  const state = new PictureState<ForecastSettings>('numbers', FIRST_SETTINGS, settingsNotation, (settings) => {
    memory.value = settings.memory;
    units.value = settings.units;
    for (const { name, field } of numbers) field.show(String(settings[name]));
    show(settings);
  });
  const input = new NumbersInput(root, (now) => {
    read = now;
    show(state.value);
  });
  input.showSample();
  return control;

  function enable(): void {
    control.starts.forecast.disabled = !plan || numbers.some(({ field }) => !field.isValid);
  }

  /** Shows the series as it is cut up, with the naive forecast alone. */
  function show(settings: ForecastSettings): void {
    // A run is of the series and the settings with which it began.
    control.stop();
    control.forget();
    marks.forgetLearning();
    const { series, problem, isSample } = read;
    verdict.textContent = '';
    const described = series && describe(series, settings);
    plan = described?.plan;
    summary.textContent = described?.text ?? problem;
    summary.toggleAttribute('data-problem', plan === undefined);
    part('.forecast').hidden = plan === undefined;
    enable();
    if (!series || !plan) return program.hide();
    const cut = plan;
    program.show(() => forecastProgram(isSample ? SAMPLE_CODE : seriesLines(series.values), settings, cut));
    void marks.draw(forecastPicture(series, cut, settings.season));
  }

  async function run({ signal, tell }: WorkContext): Promise<string> {
    const settings = state.value;
    const [series, cut] = [read.series!, plan!];
    const { values } = series;
    const draw = (forecast: readonly number[]): void => {
      // The reader may have turned to another series or other settings meanwhile.
      if (plan === cut) void marks.draw(forecastPicture(series, cut, settings.season, forecast));
    };
    verdict.textContent = '';
    marks.beginLearning();
    const hear = ({ compiling, epochs, loss, forecast }: ForecastNews): void => {
      if (compiling) tell({ part: 'Training', compiling });
      if (forecast) draw(forecast);
      if (epochs === undefined || loss === undefined) return;
      const part = `Epoch ${epochs} of ${settings.epochs}`;
      tell({ part, doing: `loss ${loss.toFixed(4)}`, fraction: epochs / settings.epochs });
      marks.addLoss(epochs, loss, settings.epochs);
    };
    const result = await runJob('forecast', { series: values, settings, plan: cut }, { signal, hear });
    draw(result.forecast);
    if (plan === cut) verdict.textContent = judge(values, cut, settings.season, result.forecast);
    const length = `${counted(result.epochs, 'epoch')} in ${result.seconds.toFixed(1)} s`;
    return result.epochs < settings.epochs ? `Stopped after ${length}.` : `Trained ${length}.`;
  }
}
