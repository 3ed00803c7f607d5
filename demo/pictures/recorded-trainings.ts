import { canTrain } from '../page/webgpu.ts';

export const RACE_EPOCHS = 5;

/** The trainings of pictures 2 and 3 that were recorded, and the words that say so; nothing where the reader can train. */
export async function recordedTrainings() {
  if (await canTrain()) return undefined;
  const { default: record } = await import('../recorded/picture-trainings.json');
  const note = `This browser cannot train, so these are recorded results: ${record.date}, ${record.adapter}, seed ${record.seed}.`;
  return { ...record, note };
}
