import { counted } from '../../experiments/words.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { ForecastNews, ForecastResult } from '../../training/jobs/forecast.ts';
import { noteModel } from '../models.ts';
import { ProgramView } from '../program-view.ts';
import { describe, forecastPicture, judge, knownForecast } from './data.ts';
import { NumbersInput, type Read } from './input.ts';
import { ForecastMarks } from './marks.ts';
import type { ForecastPlan, ForecastSettings } from './plan.ts';
import { forecastProgram, seriesLines } from './program.ts';
import { SAMPLE_CODE } from './sample.ts';
import { SettingsForm } from './settings.ts';

/** The part of the lab that forecasts a series of the reader's. */
export function mountNumbers(root: HTMLElement): JobControl<'forecast'> {
  return new NumbersLab(root).control;
}

class NumbersLab {
  readonly control = new JobControl({ forecast: 'Forecast' }, (context) => this.#run(context));
  readonly #marks: ForecastMarks;
  readonly #program: ProgramView;
  readonly #summary: HTMLElement;
  readonly #verdict: HTMLElement;
  readonly #forecast: HTMLElement;
  readonly #settings: SettingsForm;
  #read: Read = { isSample: false, problem: '' };
  /** Another object with each series and each change of the settings: a run whose plan is not this one is of old ones. */
  #plan?: ForecastPlan;

  constructor(root: HTMLElement) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    this.#marks = new ForecastMarks(root);
    this.#program = new ProgramView(part('.program'));
    [this.#summary, this.#verdict, this.#forecast] = [part('.summary'), part('.verdict'), part('.forecast')];
    part('.run').append(this.control.element);
    this.#settings = new SettingsForm(
      part('.settings'),
      (settings) => this.#show(settings),
      () => this.#enable(),
    );
    const input = new NumbersInput(root, (read) => {
      this.#read = read;
      this.#show(this.#settings.value);
    });
    input.showSample();
  }

  #enable(): void {
    this.control.starts.forecast.disabled = !this.#plan || !this.#settings.areValid;
  }

  /** Shows the series as it is cut up, with the naive forecast alone. */
  #show(settings: ForecastSettings): void {
    // A run is of the series and the settings with which it began.
    this.control.stop();
    this.control.forget();
    this.#marks.forgetLearning();
    this.#verdict.textContent = '';
    const { series, problem, isSample } = this.#read;
    const { text = problem, plan } = series ? describe(series, settings) : {};
    this.#plan = plan;
    this.#summary.textContent = text;
    this.#summary.toggleAttribute('data-problem', plan === undefined);
    this.#forecast.hidden = plan === undefined;
    if (this.#settings) this.#enable();
    if (!series || !plan) return this.#program.hide();
    this.#program.show(() => forecastProgram(isSample ? SAMPLE_CODE : seriesLines(series.values), settings, plan));
    void this.#marks.draw(forecastPicture(series, plan, settings.season));
  }

  async #run({ signal, tell }: WorkContext): Promise<string> {
    const settings = this.#settings.value;
    const [series, plan] = [this.#read.series!, this.#plan!];
    const draw = (forecast: readonly number[]): void => {
      // The reader may have turned to another series or other settings meanwhile.
      if (plan === this.#plan) void this.#marks.draw(forecastPicture(series, plan, settings.season, forecast));
    };
    this.#verdict.textContent = '';
    this.#marks.beginLearning();
    const hear = ({ compiling, epochs, loss, forecast }: ForecastNews): void => {
      if (compiling) tell({ part: 'Training', compiling });
      if (forecast) draw(forecast);
      if (epochs === undefined || loss === undefined) return;
      const part = `Epoch ${epochs} of ${settings.epochs}`;
      tell({ part, doing: `loss ${loss.toFixed(4)}`, fraction: epochs / settings.epochs });
      this.#marks.addLoss(epochs, loss, settings.epochs);
    };
    const result = await runJob('forecast', { series: series.values, settings, plan }, { signal, hear });
    noteModel('forecast', knownForecast(series.name, result));
    if (plan !== this.#plan) return '';
    draw(result.forecast);
    this.#verdict.textContent = judge(series.values, plan, settings.season, result.forecast);
    return endWords(result, settings);
  }
}

/** How long it was trained. */
function endWords({ epochs, seconds }: ForecastResult, wanted: ForecastSettings): string {
  const length = `${counted(epochs, 'epoch')} in ${seconds.toFixed(1)} s`;
  return epochs < wanted.epochs ? `Stopped after ${length}.` : `Trained ${length}.`;
}
