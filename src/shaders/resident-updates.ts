import { defineKernel } from '../runtime/kernel.ts';
import activations from './prelude/activations.wgsl?raw';
import crossentropy from './prelude/crossentropy.wgsl?raw';
import gates from './prelude/gates.wgsl?raw';
import metrics from './prelude/metrics.wgsl?raw';
import update from './prelude/update.wgsl?raw';
import source from './resident-updates.wgsl?raw';

/** Whole updates of small models, one after the other, each model inside one workgroup. */
export const residentUpdates = defineKernel({
  name: 'resident-updates',
  source,
  preludes: [activations, gates, crossentropy, metrics, update],
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
    'THREADS',
    'ACTIVATION',
    'RECURRENT_ACTIVATION',
    'METRIC',
    'THRESHOLD',
  ],
  grid: () => [1, 1, 1],
});
