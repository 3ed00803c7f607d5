import type { Gpu } from '../../runtime/gpu.ts';
import { mapChannels } from '../execution/channels.ts';
import type { ProgramKey } from '../execution/program.ts';
import type { CheckedData } from './data/checked-data.ts';
import { Dataset } from './data/dataset.ts';
import type { BoundProgram, SampleData } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';

/** The most bytes of staging memory, unless a single batch has more; it bounds how many batches can go in one submit. */
export const STAGING_BYTES = 4 * 2 ** 20;

/** A batch that is uploaded with its update. */
export interface StagedBatch {
  bound: BoundProgram<Dataset>;
  /** Where its samples are going to lie. */
  samples: Uint32Array;
}

/**
 * Single batches to train or to test on, on their way to the GPU. The program for a shape has staging memory for a few
 * of them, so that several go in one submit.
 */
export class Staging {
  /** How many batches were staged so far. */
  #batches = 0;

  constructor(private readonly engine: Engine) {}

  /** Takes the next position in the staging memory, which is a ring of batches. */
  take(key: ProgramKey, data: CheckedData): StagedBatch {
    const { gpu, programs } = this.engine;
    const { rows } = data;
    const bound = programs.staging(key, ({ agenda }, accepted) => stagingFor(gpu, data, agenda.capacity, accepted));
    const first = (this.#batches++ % (bound.source.capacity / rows)) * rows;
    return { bound, samples: Uint32Array.from({ length: rows }, (_, row) => first + row) };
  }
}

/** A copy of the numbers of samples, to be uploaded later. */
export function copyOf({ channels }: Pick<CheckedData, 'channels'>): SampleData {
  return mapChannels(channels, ({ data }) => data.slice());
}

/** How many bytes samples have. */
export function bytesOf({ channels }: Pick<CheckedData, 'channels'>): number {
  return Object.values(mapChannels(channels, ({ data }) => data.byteLength)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Makes memory for as many batches of this form as one submit can have. */
function stagingFor(gpu: Gpu, data: CheckedData, most: number, accepted: Promise<void>): Dataset {
  const { rows, channels } = data;
  const batches = Math.max(1, Math.min(most, Math.floor(STAGING_BYTES / bytesOf(data))));
  const shapes = mapChannels(channels, ({ shape }) => shape.slice(1));
  return new Dataset(gpu, batches * rows, shapes, undefined, accepted);
}
