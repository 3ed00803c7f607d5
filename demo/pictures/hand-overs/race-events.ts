import { html } from '../../drawing/html.ts';
import { elementOf } from '../../drawing/shapes.ts';
import { DEFAULT_SEED } from '../../experiments/data.ts';
import { JobControl } from '../../page/job-control.ts';
import { TableTwin } from '../../page/table-twin.ts';
import { runJob } from '../../training/client.ts';
import { RACE_EPOCHS, recordedTrainings } from '../recorded-trainings.ts';
import { sequencesWords } from './race-data.ts';
import { type Accuracies, raceChart, RACERS } from './race-marks.ts';

/** The race below picture 3: the same windows in order and interleaved. */
export function mountRace(root: HTMLElement): void {
  const chart = root.querySelector<HTMLElement>('.chart')!;
  const result = root.querySelector('.result')!;
  root.querySelector('.sequences')!.textContent = sequencesWords();
  const table = new TableTwin('Accuracy on the test half after each epoch');
  let accuracies: Record<keyof Accuracies, number[]> = { 'in-order': [], interleaved: [] };

  const draw = (): void => {
    const drawn = elementOf(raceChart(accuracies, RACE_EPOCHS, chart.clientWidth));
    result.textContent = resultOf(accuracies);
    drawn.ariaLabel = result.textContent || 'Nothing is trained yet.';
    chart.replaceChildren(drawn);
    table.show(() => ({
      columns: ['Epoch', ...RACERS.map(({ name }) => name)],
      rows: Array.from({ length: RACE_EPOCHS }, (_, epoch) => [
        epoch + 1,
        ...RACERS.map(({ id }) => accuracies[id][epoch]?.toFixed(4) ?? '–'),
      ]),
    }));
  };

  const control = new JobControl({ train: 'Train both' }, async (going) => {
    accuracies = { 'in-order': [], interleaved: [] };
    draw();
    await runJob(
      'race',
      { seed: DEFAULT_SEED, epochs: RACE_EPOCHS },
      {
        signal: going.signal,
        hear({ racer, epoch, fraction, compiling, testAccuracy }) {
          const { name } = RACERS.find(({ id }) => id === racer)!;
          going.tell({ part: `Epoch ${epoch + 1} of ${RACE_EPOCHS}`, doing: name, fraction, compiling });
          if (testAccuracy === undefined) return;
          accuracies[racer].push(testAccuracy);
          draw();
        },
      },
    );
  });
  const controls = root.querySelector('.controls')!;
  controls.append(control.element);
  root.append(table.element);
  draw();
  new ResizeObserver(draw).observe(chart);

  void recordedTrainings(controls).then((recorded) => {
    if (!recorded) return;
    let plays = 0;
    const play = async (): Promise<void> => {
      const number = ++plays;
      // Pressed again, it begins again.
      for (let epochs = 1; epochs <= RACE_EPOCHS && number === plays; epochs++) {
        accuracies = {
          'in-order': recorded.race['in-order'].slice(0, epochs),
          interleaved: recorded.race.interleaved.slice(0, epochs),
        };
        draw();
        if (!stillMotion.matches) await new Promise((resolve) => setTimeout(resolve, EPOCH_MS));
      }
    };
    const button = html('button', { type: 'button' }, 'Play recording');
    button.addEventListener('click', () => void play());
    control.element.hidden = true;
    controls.append(button, html('span', { className: 'quiet' }, recorded.note));
  });
}

const stillMotion = matchMedia('(prefers-reduced-motion: reduce)');
/** How long a recorded epoch takes when it is played. */
const EPOCH_MS = 400;

function resultOf(accuracies: Accuracies): string {
  const texts = RACERS.flatMap(({ id, name }) => {
    const last = accuracies[id].at(-1);
    return last === undefined ? [] : [`${name} ${last.toFixed(4)} after epoch ${accuracies[id].length}`];
  });
  return texts.length === 0 ? '' : `Right on the test half: ${texts.join(', ')}.`;
}
