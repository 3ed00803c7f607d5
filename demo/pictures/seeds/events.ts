import { RemainingTime } from '../../experiments/remaining-time.ts';
import { time } from '../../experiments/words.ts';
import { html } from '../../drawing/html.ts';
import { backButton } from '../../page/back-button.ts';
import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { compilingWords } from '../../page/compiling-words.ts';
import { type Going, JobControl } from '../../page/job-control.ts';
import { loadInto } from '../../page/load-into.ts';
import { TableTwin } from '../../page/table-twin.ts';
import type { SettingId } from '../../training/jobs/seeds.ts';
import { runJob } from '../../training/client.ts';
import {
  accuracyAfter,
  EPOCHS,
  FIRST,
  notation,
  type Runs,
  type SeedsState,
  sentences,
  SETTINGS,
  shareLearned,
  softwareWords,
} from './data.ts';
import { lineSample, SeedsChart } from './marks.ts';
import './seeds.css';

/** Many networks that differ in their first weights alone: recorded, until the reader trains some. */
export async function mountSeeds(root: HTMLElement): Promise<void> {
  const { seeds: recorded, ...record } = await loadInto(
    root.querySelector('.picture')!,
    'What was recorded',
    () => import('../../recorded/second-look.json'),
  );
  let runs: Runs = recorded.right;
  const recordedOrigin = `Recorded on ${record.date}: ${recorded.networks} networks a setting, on ${record.machine}.`;
  let origin = recordedOrigin;

  const labels = new Map<SeedsState['shown'], string>([['all', 'all'], ...SETTINGS.map(nameOf)]);
  const shown = new Choice('Show', labels, (shown) => state.change({ shown }));
  const slider = html('input', { type: 'range', min: '1', max: String(EPOCHS), step: '1' });
  slider.addEventListener('input', () => state.change({ epoch: slider.valueAsNumber }));
  const output = html('output');

  const chart = new SeedsChart((epoch) => state.value.epoch !== epoch && state.change({ epoch }));
  const legend = new Legend();
  const caption = html('p', { className: 'caption', role: 'status' });
  const source = html('p', { className: 'quiet' });
  const table = new TableTwin('Test accuracy of each network');
  const job = new JobControl('Train them here', (going) => {
    back.hidden = true;
    return train(going).finally(() => (back.hidden = runs === recorded.right));
  });
  const back = backButton(job.element, () => {
    [runs, origin] = [recorded.right, recordedOrigin];
    draw(state.value);
  });
  const epoch = html('label', {}, 'After epoch', slider, output);
  const controls = html('div', { className: 'controls' }, shown.element, epoch);
  root
    .querySelector('.picture')!
    .append(controls, legend.element, chart.element, caption, job.element, back, source, table.element);

  const draw = (state: SeedsState): void => {
    shown.value = state.shown;
    slider.value = output.textContent = String(state.epoch);
    const words = sentences(runs, state);
    legend.draw(runs, state.epoch);
    chart.draw(runs, state, `Test accuracy over ${EPOCHS} epochs. ${words}`);
    caption.textContent = words;
    source.textContent = origin;
    table.show(() => tableOf(runs, state.epoch));
  };
  const state = new PictureState<SeedsState>('seeds', FIRST, notation, draw);

  async function train({ signal, tell }: Going): Promise<void> {
    const remaining = new RemainingTime();
    const own: Record<SettingId, number[][]> = { keras1: [], keras3: [], reset: [] };
    await runJob(
      'seeds',
      {},
      {
        signal,
        hear(news) {
          if (news.type === 'begin') {
            for (const { id } of SETTINGS) own[id] = Array.from({ length: news.networks }, () => []);
            runs = own;
            origin = `Trained here, now: ${news.networks} networks a setting, on ${news.adapter}.`;
            if (news.isSoftware) origin += ` ${softwareWords(news.networks)}`;
          } else if (news.type === 'epoch') {
            news.right.forEach((count, network) => own[news.setting][network].push(count));
          } else {
            const { setting, epoch, epochs, fraction, compiling } = news;
            const left = compiling ? undefined : remaining.measure(fraction, performance.now() / 1000);
            const doing = compiling ? compilingWords(compiling) : `epoch ${epoch + 1} of ${epochs}`;
            const rest = left === undefined ? '' : ` – about ${time(left)} left of all`;
            return tell(`${SETTINGS.find(({ id }) => id === setting)!.name}: ${doing}${rest}`, fraction);
          }
          draw(state.value);
        },
      },
    );
  }
}

const nameOf = ({ id, short }: (typeof SETTINGS)[number]): [SettingId, string] => [id, short];

/** Which line is which, and how many of each have learned the task. */
class Legend {
  readonly #shares = SETTINGS.map(() => html('b'));
  readonly element = html(
    'ul',
    { className: 'seeds-legend' },
    ...SETTINGS.map(({ id, name }, index) => html('li', {}, lineSample(id), `${name}: `, this.#shares[index])),
  );

  draw(runs: Runs, epoch: number): void {
    SETTINGS.forEach(({ id }, index) => {
      const { learned, networks } = shareLearned(runs[id], epoch);
      this.#shares[index].textContent = networks === 0 ? '–' : `${learned} of ${networks}`;
    });
  }
}

function tableOf(runs: Runs, epoch: number) {
  const networks = Math.max(...SETTINGS.map(({ id }) => runs[id].length));
  const columns = ['network', ...SETTINGS.map(({ name }) => `${name}, after epoch ${epoch}`)];
  const rows = Array.from({ length: networks }, (_, network) => [
    network + 1,
    ...SETTINGS.map(({ id }) => accuracyAfter(runs[id][network] ?? [], epoch)?.toFixed(4) ?? '–'),
  ]);
  return { columns, rows };
}
