import { ValueError } from '../../index.ts';
import { show } from '../reading.ts';

/** When a callback saves: at the end of each epoch, or after so many batches, also across epochs. */
export type SaveFrequency = 'epoch' | number;

/** @throws ValueError unless it is `'epoch'` or a positive whole number */
export function checkSaveFrequency(where: string, frequency: unknown): SaveFrequency {
  if (frequency === 'epoch') return frequency;
  if (typeof frequency === 'number' && Number.isInteger(frequency) && frequency > 0) return frequency;
  throw new ValueError(
    `${where}: saveFreq is ${show(frequency)}, expected "epoch" or a positive whole number of batches.`,
  );
}
