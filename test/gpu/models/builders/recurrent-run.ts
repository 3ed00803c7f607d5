import { onTestFinished } from 'vitest';
import { gru, lstm, sequential, simpleRnn, type SequentialOptions } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../../../reference/cells.ts';
import { recurrent } from '../../../reference/recurrent.ts';
import { gpu } from '../../gpu.ts';
import { array } from './make-model.ts';

/** More samples than a batch has rows, so that rows and samples differ. */
export const [COUNT, ROWS, STEPS, FEATURES, UNITS] = [7, 3, 5, 2, 4];
/** What masked steps hold. */
export const PADDING = 9;

export const make = { lstm, gru, simpleRnn };
const STATES = { lstm: 2, gru: 1, simpleRnn: 1 };

/** A model that lives as long as the test. */
export async function modelOf(options: SequentialOptions) {
  const model = await sequential(gpu, options);
  onTestFinished(() => model.dispose());
  return model;
}

/** Samples, states for each of them, and weights, all random; gaps anywhere if masked. */
export function makeRun(spec: RecurrentSpec, masked = false) {
  const random = rng(randomSeed());
  const width = GATES[spec.cell] * UNITS;
  const mask = Array.from({ length: COUNT * STEPS }, () => (masked ? random.integer(0, 1) : 1));
  const x = random.array(COUNT * STEPS * FEATURES, 1).map((v, n) => (mask[Math.floor(n / FEATURES)] ? v : PADDING));
  const states = Array.from({ length: STATES[spec.cell] }, () => random.array(COUNT * UNITS, 0.7));
  const weights = {
    kernel: random.array(FEATURES * width, 0.7),
    recurrentKernel: random.array(UNITS * width, 0.5),
    bias: random.array(biasSize(spec, UNITS), 0.7),
  };
  const shape = { batch: COUNT, steps: STEPS, features: FEATURES, units: UNITS };
  return {
    random,
    weights: Object.values(weights),
    x: array(x, [COUNT, STEPS, FEATURES]),
    initialState: states.map((state) => array(state, [COUNT, UNITS])),
    twin: (of = spec) => recurrent(of, shape, weights, x, { mask, initial: states }),
  };
}

const cells: RecurrentSpec[] = [
  { cell: 'lstm' },
  { cell: 'gru' },
  { cell: 'gru', resetAfter: false },
  { cell: 'simpleRnn' },
];
/** Each cell, read either way, with and without a mask. */
export const cases = cells.flatMap((spec) =>
  [false, true].flatMap((masked) =>
    [false, true].map((goBackwards) => ({
      name: [
        spec.cell,
        ...(spec.resetAfter === false ? ['reset before'] : []),
        ...(goBackwards ? ['backwards'] : []),
        ...(masked ? ['masked'] : []),
      ].join(', '),
      masked,
      spec: { ...spec, goBackwards },
    })),
  ),
);
