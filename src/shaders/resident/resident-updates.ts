import { defineKernel } from '../../runtime/kernel.ts';
import activations from '../prelude/activations.wgsl?raw';
import crossentropy from '../prelude/crossentropy.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import metrics from '../prelude/metrics.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import ownWeights from '../prelude/own-weights.wgsl?raw';
import update from '../prelude/update.wgsl?raw';
import source from './resident-updates.wgsl?raw';

/** Whole updates of small models, one after the other, each model inside one workgroup, alone or with others. */
export const residentUpdates = defineKernel({
  name: 'resident-updates',
  source,
  preludes: [nan, activations, gates, crossentropy, metrics, update, ownWeights],
  bindings: {
    run: 'frame',
    updates: 'read',
    rows: 'read',
    samples: 'read',
    targets: 'read',
    states: 'read-write',
    parameters: 'read-write',
    moments: 'read-write',
    journal: 'read-write',
  },
  fixedLengths: ['states', 'parameters', 'moments'],
  isSpecialized: true,
  constants: [
    'ROWS',
    'STEPS',
    'INPUTS',
    'UNITS',
    'OUTPUTS',
    'TRAIN',
    'STATEFUL',
    'FROM_LOGITS',
    'COLUMNS',
    'CELL_STATES',
    'STATES',
    'HEAD',
    'PARAMETERS',
    'UNITS_AT_ONCE',
    'PARTS',
    'UNITS_EACH',
    'ROWS_EACH',
    'HEAD_EACH',
    'HANDS',
    'HANDED_UNITS',
    'SEATS',
    'ACTIVATION',
    'RECURRENT_ACTIVATION',
    'METRIC',
    'THRESHOLD',
  ],
  grid: () => [1, 1, 1],
});

/** What a thread has of the weights. */
export interface Shares {
  /** Models of a workgroup. */
  SEATS: number;
  /** Threads side by side, each with every so many-th unit. */
  UNITS_AT_ONCE: number;
  /** Threads that share a unit. */
  PARTS: number;
  /** Units of a thread. */
  UNITS_EACH: number;
  /** Rows of the LSTM's weights, of each of its units. */
  ROWS_EACH: number;
  /** Vectors of the head's weights. */
  HEAD_EACH: number;
  /** Classes of its units, which it adds up apart. */
  HANDS: number;
  /** Units whose dh threads add up for each other: all, unless they share units or there is one step. */
  HANDED_UNITS: number;
}

/** Classes of units, whatever few threads share them out: so all round alike. */
const CLASSES = 4;

/** How at most so many threads share out the weights. */
export function shareOut(threads: number, steps: number, inputs: number, units: number, outputs: number): Shares {
  const rows = inputs + 1 + units;
  const atOnce = Math.min(threads, units);
  const parts = Math.min(Math.floor(threads / atOnce), rows);
  return {
    SEATS: 1,
    UNITS_AT_ONCE: atOnce,
    PARTS: parts,
    UNITS_EACH: Math.ceil(units / atOnce),
    ROWS_EACH: Math.ceil(rows / parts),
    HEAD_EACH: Math.ceil(((units + 1) * outputs) / (4 * atOnce * parts)),
    HANDS: Math.max(1, Math.floor(CLASSES / atOnce)),
    HANDED_UNITS: parts === 1 && steps > 1 ? units : 0,
  };
}
