import { html } from '../../drawing/html.ts';
import { backButton } from '../../page/back-button.ts';
import { PictureState } from '../../page/address.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { loadInto } from '../../page/load-into.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { runJob } from '../../training/client.ts';
import type { TrainedNetwork } from '../../training/jobs/clock.ts';
import { beginningOf, type Bit, type Clock, type ClockState, FIRST, notation, runClock, STEPS } from './data.ts';
import { ClockTape, legend } from './marks.ts';
import { caption, doing, reading, recordedOn, sourceOf, tableOf, TRAINED_HERE } from './words.ts';
import './clock.css';

/** Shows what a network learns that is never reset: with recorded weights, until the reader trains some. */
export async function mountClock(root: HTMLElement): Promise<void> {
  const { clock: recorded, ...record } = await loadInto(
    root.querySelector('.picture')!,
    'What was recorded',
    () => import('../../recorded/second-look.json'),
  );
  let network: TrainedNetwork = recorded;
  let beginning = beginningOf(network.weights);
  const recordedOrigin = recordedOn(record);
  let origin = recordedOrigin;
  let clock: Clock;
  let drawnAnswers = '';

  const tape = new ClockTape(recorded.weights.headKernel.length, flip, (at, row = state.value.row) => {
    if (at !== state.value.at || row !== state.value.row) state.change({ at, row });
  });
  const step = slider('Step', STEPS - 1, (at) => change({ at }));
  const row = slider('Row', recorded.weights.headKernel.length - 1, (row) => change({ row }));
  const controls = html('div', { className: 'controls' }, step.label, row.label);

  const captionLine = html('p', { className: 'caption' });
  const readingLine = html('p', { className: 'reading' });
  const source = html('p', { className: 'quiet' });
  const table = new TableTwin('The last step of each window');
  const job = new JobControl({ train: 'Train a network here' }, (context) => {
    back.hidden = true;
    return train(context).finally(() => (back.hidden = network === recorded));
  });
  const back = backButton(job.element, () => show(recorded, recordedOrigin));
  root
    .querySelector('.picture')!
    .append(captionLine, legend(), tape.element, controls, readingLine, job.element, back, source, table.element);

  /** Computes the states anew only if the network or its input is another one: pointing changes neither. */
  const draw = (state: ClockState, isNew = false): void => {
    if (isNew || drawnAnswers !== String(state.answers)) {
      clock = runClock(beginning, state.answers);
      drawnAnswers = String(state.answers);
      captionLine.textContent = caption(clock);
      tape.draw(clock, state, caption(clock));
      table.show(() => tableOf(clock, state.answers));
      source.textContent = sourceOf(origin, network);
    }
    tape.mark(state);
    step.input.value = String(state.at);
    row.input.value = String(state.row);
    row.input.ariaValueText = `cell ${clock.cells[state.row] + 1}`;
    readingLine.textContent = reading(clock, state);
    step.input.ariaValueText = readingLine.textContent;
  };
  const state = new PictureState<ClockState>('clock', FIRST, notation, (state) => draw(state));
  tape.reveal(state.value);

  function change(part: Partial<ClockState>): void {
    state.change(part);
    tape.reveal(state.value);
  }

  function flip(sequence: number): void {
    const { answers } = state.value;
    state.change({ answers: answers.map((bit, index) => (index === sequence ? ((1 - bit) as Bit) : bit)) });
  }

  function show(trained: TrainedNetwork, from: string): void {
    [network, origin] = [trained, from];
    beginning = beginningOf(network.weights);
    draw(state.value, true);
  }

  let seed = recorded.seed;
  async function train({ signal, tell }: WorkContext): Promise<void> {
    const best = await runJob(
      'clock',
      { seed: seed++ },
      {
        signal,
        hear(news) {
          if (news.type === 'epoch') return show(news.trained, TRAINED_HERE);
          const { epoch, epochs, fraction, compiling } = news;
          tell({ doing: doing(epoch, epochs), fraction, compiling });
        },
      },
    );
    show(best, TRAINED_HERE);
  }
}

function slider(name: string, max: number, onInput: (value: number) => void) {
  const input = html('input', { type: 'range', min: '0', max: String(max), step: '1' });
  input.addEventListener('input', () => onInput(input.valueAsNumber));
  return { input, label: html('label', {}, name, input) };
}
