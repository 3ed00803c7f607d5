import type { FitOptions, Gpu, Model } from '../../../src/index.ts';
import * as numbers from '../../lab/numbers/data.ts';
import { STATELESS_BATCH } from '../../lab/numbers/plan.ts';
import * as text from '../../lab/text/data.ts';
import { STEPS } from '../../lab/text/plan.ts';
import { SEQUENCE_LENGTH, UNITS } from '../../experiments/data/sequences.ts';
import { buildNetwork } from '../../experiments/run/network.ts';
import { forecastModel, writerModel } from './lab-models.ts';

/** A kind of update by which a machine can be measured: a network, its data, and how it goes through them. */
export interface Work {
  name: string;
  /** Its rows, steps and units. */
  size: string;
  model(gpu: Gpu): Promise<Model>;
  x: Shaped;
  y: Shaped;
  options: FitOptions;
  /** Updates in one `fit`. */
  updates: number;
}

interface Shaped {
  data: Float32Array<ArrayBuffer>;
  shape: number[];
}

/** Numbers of 100 sequences of the post. */
const ELEMENTS = 100 * SEQUENCE_LENGTH;
/** Sizes of the forecast and of the text on a first visit to the lab. */
const { units: FORECAST_UNITS, window: WINDOW } = numbers.FIRST_SETTINGS;
const { units: WRITER_UNITS } = text.FIRST_SETTINGS;
/** Rows and different characters of a text of a few pages. */
const ROWS = 8;
const CHARACTERS = 48;

export const works: readonly Work[] = [
  {
    name: 'the post’s update',
    size: `1 row, 1 step, ${UNITS} units`,
    model: (gpu) => buildNetwork({ gpu, seed: 1 }, { timesteps: 1, stateful: true }),
    x: shaped([ELEMENTS, 1, 1], (index) => (index % (2 * SEQUENCE_LENGTH) === 0 ? 1 : 0)),
    y: shaped([ELEMENTS, 1], (index) => (index % (2 * SEQUENCE_LENGTH) < SEQUENCE_LENGTH ? 1 : 0)),
    options: { batchSize: 1, resetStates: SEQUENCE_LENGTH },
    updates: ELEMENTS,
  },
  {
    name: 'a forecast',
    size: `${STATELESS_BATCH} rows, ${WINDOW} steps, ${FORECAST_UNITS} units`,
    model: (gpu) => forecastModel(gpu, { memory: 'stateless', window: WINDOW, units: FORECAST_UNITS }, STATELESS_BATCH),
    x: shaped([20 * STATELESS_BATCH, WINDOW, 1], Math.sin),
    y: shaped([20 * STATELESS_BATCH, 1], Math.cos),
    options: { batchSize: STATELESS_BATCH },
    updates: 20,
  },
  {
    name: 'a text',
    size: `${ROWS} rows, ${STEPS} steps, ${WRITER_UNITS} units`,
    model: (gpu) => writerModel(gpu, WRITER_UNITS, ROWS, CHARACTERS),
    x: shaped([8 * ROWS, STEPS], (index) => index % CHARACTERS),
    y: shaped([8 * ROWS, STEPS], (index) => (index + 1) % CHARACTERS),
    options: { batchSize: ROWS },
    updates: 8,
  },
];

function shaped(shape: number[], value: (index: number) => number): Shaped {
  const count = shape.reduce((product, size) => product * size, 1);
  return { data: Float32Array.from({ length: count }, (_, index) => value(index)), shape };
}
