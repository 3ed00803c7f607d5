import type { FitOptions, Gpu, Model } from '../../../src/index.ts';
import { STEPS } from '../../lab/text/plan.ts';
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

const WINDOW = 24;
const WINDOWS = 32;
const ROWS = 8;
const CHARACTERS = 48;

export const works: readonly Work[] = [
  {
    name: 'the post’s update',
    size: '1 row, 1 step, 10 units',
    model: (gpu) => buildNetwork({ gpu, seed: 1 }, { timesteps: 1, stateful: true }),
    x: shaped([2000, 1, 1], (index) => (index % 40 === 0 ? 1 : 0)),
    y: shaped([2000, 1], (index) => (index % 40 < 20 ? 1 : 0)),
    options: { batchSize: 1, resetStates: 20 },
    updates: 2000,
  },
  {
    name: 'a forecast',
    size: `${WINDOWS} rows, ${WINDOW} steps, 16 units`,
    model: (gpu) => forecastModel(gpu, { memory: 'stateless', window: WINDOW, units: 16 }, WINDOWS),
    x: shaped([20 * WINDOWS, WINDOW, 1], Math.sin),
    y: shaped([20 * WINDOWS, 1], Math.cos),
    options: { batchSize: WINDOWS },
    updates: 20,
  },
  {
    name: 'a text',
    size: `${ROWS} rows, ${STEPS} steps, 64 units`,
    model: (gpu) => writerModel(gpu, 64, ROWS, CHARACTERS),
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
