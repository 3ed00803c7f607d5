import { html } from '../../drawing/html.ts';
import { backButton } from '../../page/back-button.ts';
import { PictureState } from '../../page/address.ts';
import { Choice } from '../../page/choice.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { loadInto } from '../../page/load-into.ts';
import { TableTwin } from '../../page/table-twin.ts';
import type { SettingId } from '../../training/jobs/seeds.ts';
import { runJob } from '../../training/client.ts';
import { EPOCHS, FIRST, notation, type Runs, type SeedsState, SETTINGS } from './data.ts';
import { SeedsChart, SeedsLegend } from './marks.ts';
import { recordedOn, sentences, tableOf, trainedOn } from './words.ts';
import './seeds.css';

/** Many networks that differ in their first weights alone: recorded, until the reader trains some. */
export async function mountSeeds(root: HTMLElement): Promise<void> {
  const { seeds: recorded, ...record } = await loadInto(
    root.querySelector('.picture')!,
    'What was recorded',
    () => import('../../recorded/second-look.json'),
  );
  let runs: Runs = recorded.right;
  const recordedOrigin = recordedOn(record, recorded.networks);
  let origin = recordedOrigin;

  const labels = new Map<SeedsState['shown'], string>([
    ['all', 'all'],
    ...SETTINGS.map(({ id, short }) => [id, short] as const),
  ]);
  const shown = new Choice('Show', labels, (shown) => state.change({ shown }));
  const slider = html('input', { type: 'range', min: '1', max: String(EPOCHS), step: '1' });
  slider.addEventListener('input', () => state.change({ epoch: slider.valueAsNumber }));
  const output = html('output');

  const chart = new SeedsChart((epoch) => state.value.epoch !== epoch && state.change({ epoch }));
  const legend = new SeedsLegend();
  const caption = html('p', { className: 'caption', role: 'status' });
  const source = html('p', { className: 'quiet' });
  const table = new TableTwin('Test accuracy of each network');
  const job = new JobControl({ train: 'Train them here' }, (context) => {
    back.hidden = true;
    return train(context).finally(() => (back.hidden = runs === recorded.right));
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

  async function train({ signal, tell }: WorkContext): Promise<void> {
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
            origin = trainedOn(news);
          } else if (news.type === 'epoch') {
            news.right.forEach((count, network) => own[news.setting][network].push(count));
          } else {
            const { setting, epoch, epochs, fraction, compiling } = news;
            const { name: part } = SETTINGS.find(({ id }) => id === setting)!;
            return tell({ part, doing: `epoch ${epoch + 1} of ${epochs}`, fraction, compiling });
          }
          draw(state.value);
        },
      },
    );
  }
}
