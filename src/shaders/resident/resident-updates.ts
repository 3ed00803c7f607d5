import { defineKernel } from '../../runtime/kernel.ts';
import { f32, struct, u32 } from '../../runtime/struct.ts';
import activations from '../prelude/activations.wgsl?raw';
import crossentropy from '../prelude/crossentropy.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import metrics from '../prelude/metrics.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import backward from './backward.wgsl?raw';
import batch from './batch.wgsl?raw';
import forward from './forward.wgsl?raw';
import optimizer from './optimizer.wgsl?raw';
import persistentWeights from './persistent-weights.wgsl?raw';
import workspace from './workspace.wgsl?raw';
import source from './resident-updates.wgsl?raw';

/** Runs whole updates of small models, one after the other, each model inside one workgroup. */
export const residentUpdates = defineKernel({
  name: 'resident-updates',
  source,
  preludes: [
    nan,
    activations,
    gates,
    crossentropy,
    metrics,
    workspace,
    persistentWeights,
    batch,
    forward,
    backward,
    optimizer,
  ],
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
    'LOSS',
    'HEAD_ACTIVATION',
    'COLUMNS',
    'CELL_STATES',
    'STATES',
    'HEAD',
    'PARAMETERS',
    'MODELS_PER_WORKGROUP',
    'UNIT_LANES',
    'SPLITS',
    'UNITS_PER_THREAD',
    'XH_PER_THREAD',
    'HEAD_VECTORS_PER_THREAD',
    'PARTIALS_PER_THREAD',
    'EXCHANGED_UNITS',
    'ACTIVATION',
    'RECURRENT_ACTIVATION',
    'METRIC',
    'THRESHOLD',
  ],
  grid: () => [1, 1, 1],
});

/** The updates that a dispatch runs. */
export const runStruct = struct('Run', { count: u32, entries: u32 });

/** An entry of the agenda for this kernel: the rows of one update and the numbers of its optimizer step. */
export const residentUpdateStruct = struct('ResidentUpdate', {
  first_row: u32,
  row_count: u32,
  first_slot: u32,
  journal_row: u32,
  step_size: f32,
  one_minus_beta1: f32,
  one_minus_beta2: f32,
  epsilon: f32,
});
