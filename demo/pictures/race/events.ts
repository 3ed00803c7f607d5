import { html } from '../../drawing/html.ts';
import { DEFAULT_SEED } from '../../experiments/data/sequences.ts';
import { JobControl, type WorkContext } from '../../page/job-control.ts';
import { pause, wantsNoMotion } from '../../page/motion.ts';
import { runJob } from '../../training/client.ts';
import { recordedTrainings } from '../recorded-trainings.ts';
import { type Accuracies, RACE_EPOCHS, RACERS } from './data.ts';
import { RaceMarks } from './marks.ts';
import { sequencesWords } from './words.ts';
import './race.css';

/** The race below picture 3: the same windows in order and interleaved. */
export function mountRace(root: HTMLElement): void {
  root.querySelector('.sequences')!.textContent = sequencesWords();
  const marks = new RaceMarks(root);
  const control = new JobControl({ train: 'Train both' }, (context) => train(marks, context));
  const controls = root.querySelector('.controls')!;
  controls.append(control.element);
  void recordedTrainings(controls).then((recorded) => {
    if (!recorded) return;
    control.element.hidden = true;
    controls.append(playButton(marks, recorded.race), html('span', { className: 'quiet' }, recorded.note));
  });
}

async function train(marks: RaceMarks, { signal, tell }: WorkContext): Promise<void> {
  const accuracies: Record<keyof Accuracies, number[]> = { 'in-order': [], interleaved: [] };
  marks.draw(accuracies);
  await runJob(
    'race',
    { seed: DEFAULT_SEED, epochs: RACE_EPOCHS },
    {
      signal,
      hear({ racer, epoch, fraction, compiling, testAccuracy }) {
        const { name } = RACERS.find(({ id }) => id === racer)!;
        tell({ part: `Epoch ${epoch + 1} of ${RACE_EPOCHS}`, doing: name, fraction, compiling });
        if (testAccuracy === undefined) return;
        accuracies[racer].push(testAccuracy);
        marks.draw(accuracies);
      },
    },
  );
}

/** How long a recorded epoch takes when it is played. */
const EPOCH_MS = 400;

/** The button that plays a recorded race, epoch by epoch. Pressed again meanwhile, it begins again. */
function playButton(marks: RaceMarks, recorded: Accuracies): HTMLButtonElement {
  let plays = 0;
  const play = async (): Promise<void> => {
    const number = ++plays;
    for (let epochs = 1; epochs <= RACE_EPOCHS && number === plays; epochs++) {
      marks.draw({
        'in-order': recorded['in-order'].slice(0, epochs),
        interleaved: recorded.interleaved.slice(0, epochs),
      });
      if (!wantsNoMotion()) await pause(EPOCH_MS);
    }
  };
  const button = html('button', { type: 'button' }, 'Play recording');
  button.addEventListener('click', () => void play());
  return button;
}
