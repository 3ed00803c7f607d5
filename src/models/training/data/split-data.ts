import { ValueError } from '../../../runtime/errors.ts';
import { isFiniteFloat32, show } from '../../../runtime/options.ts';
import { mapChannels } from '../../execution/channels.ts';
import type { CheckedData } from './checked-data.ts';

/** Checks `validationSplit`, the fraction of the samples that are tested on instead of trained on. @throws ValueError */
export function checkSplit(where: string, fraction: unknown = 0): number {
  if (isFiniteFloat32(fraction) && fraction >= 0 && fraction < 1) return fraction;
  throw new ValueError(
    `${where}: validationSplit is ${show(fraction)}, expected a number from 0 to less than 1: the fraction of the samples ` +
      `to test on.`,
  );
}

/**
 * @returns how many samples come before the split, rounded as in Keras
 * @throws ValueError unless both parts have a sample
 * @see keras/src/trainers/data_adapters/array_data_adapter.py train_validation_split
 */
export function splitPosition(where: string, fraction: number, samples: number): number {
  const position = Math.floor(samples * (1 - fraction));
  if (position > 0 && position < samples) return position;
  throw new ValueError(
    `${where}: validationSplit is ${fraction}, which leaves none of ${samples} samples to ` +
      `${position === 0 ? 'train' : 'test'} on. Give another fraction, or validationData.`,
  );
}

/** The samples from number `first` up to `end`, which share the memory of all. */
export function samplesBetween({ steps, batchSize, channels }: CheckedData, first: number, end: number): CheckedData {
  const count = end - first;
  return {
    count,
    steps,
    batchSize,
    rows: Math.min(batchSize, count),
    channels: mapChannels(channels, ({ data, shape: [samples, ...sample] }) => {
      const size = data.length / samples;
      return { data: data.subarray(first * size, end * size), shape: [count, ...sample] };
    }),
  };
}
