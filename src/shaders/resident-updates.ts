import { defineKernel } from '../runtime/kernel.ts';
import activations from './prelude/activations.wgsl?raw';
import crossentropy from './prelude/crossentropy.wgsl?raw';
import gates from './prelude/gates.wgsl?raw';
import metrics from './prelude/metrics.wgsl?raw';
import update from './prelude/update.wgsl?raw';
import source from './resident-updates.wgsl?raw';

/** Whole updates of a small model, one after the other inside one workgroup. */
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
    'HEAD',
    'SECOND_MOMENTS',
    'ONE_MINUS_BETA1',
    'ONE_MINUS_BETA2',
    'EPSILON',
    'THREADS',
    'ACTIVATION',
    'RECURRENT_ACTIVATION',
    'METRIC',
    'THRESHOLD',
  ],
  grid: () => [1, 1, 1],
});
