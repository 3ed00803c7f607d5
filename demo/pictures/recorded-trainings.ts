import { loadInto } from '../page/load-into.ts';
import { dayOf } from '../page/figures.ts';
import { canTrain } from '../page/webgpu.ts';

/**
 * The trainings of pictures 2 and 3 that were recorded, and the words that say so; nothing where the reader can train.
 *
 * @param place where it is said if they cannot be loaded
 */
export async function recordedTrainings(place: Element) {
  if (await canTrain()) return undefined;
  const { default: record } = await loadInto(
    place,
    'What was recorded',
    () => import('../recorded/picture-trainings.json'),
  );
  const { date, adapter, seed } = record;
  const note = `This browser cannot train: these results were recorded on ${dayOf(date)}, on ${adapter}, with seed ${seed}.`;
  return { windows: record.windows, race: record.race, note };
}
