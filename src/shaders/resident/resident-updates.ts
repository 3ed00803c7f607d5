import { defineKernel } from '../../runtime/kernel.ts';
import { struct, u32 } from '../../runtime/struct.ts';
import activations from '../prelude/activations.wgsl?raw';
import crossentropy from '../prelude/crossentropy.wgsl?raw';
import gates from '../prelude/gates.wgsl?raw';
import metrics from '../prelude/metrics.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import update from '../prelude/update.wgsl?raw';
import backward from './backward.wgsl?raw';
import batch from './batch.wgsl?raw';
import forward from './forward.wgsl?raw';
import optimizer from './optimizer.wgsl?raw';
import persistentWeights from './persistent-weights.wgsl?raw';
import workspace from './workspace.wgsl?raw';
import source from './resident-updates.wgsl?raw';

/** Whole updates of small models, one after the other, each model inside one workgroup, alone or with others. */
export const residentUpdates = defineKernel({
  name: 'resident-updates',
  source,
  preludes: [
    nan,
    activations,
    gates,
    crossentropy,
    metrics,
    update,
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
    'FROM_LOGITS',
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

/** How many updates a dispatch runs. */
export const runStruct = struct('Run', { count: u32 });

/** How the threads of a workgroup divide models, units and weights among them. */
export interface Partition {
  MODELS_PER_WORKGROUP: number;
  /** Threads side by side, each with units of its own. */
  UNIT_LANES: number;
  /** Threads that share a unit. */
  SPLITS: number;
  UNITS_PER_THREAD: number;
  /** Elements of the concatenated input [x, 1, h] whose weights a thread has, for each of its units. */
  XH_PER_THREAD: number;
  /** Vectors of four weights of the dense head. */
  HEAD_VECTORS_PER_THREAD: number;
  /** Partial sums of dh, over units of a thread. */
  PARTIALS_PER_THREAD: number;
  /** Units whose dh threads exchange as partial sums: all, or none where threads share units or there is one step. */
  EXCHANGED_UNITS: number;
}

/** Partial sums of dh with up to as many threads, so that sums are rounded alike whether 1, 2 or 4 threads divide them. */
const PARTIALS = 4;

/** The partition of one model among at most `threads` threads. */
export function partitionAmong(
  threads: number,
  steps: number,
  inputs: number,
  units: number,
  outputs: number,
): Partition {
  const xhSize = inputs + 1 + units;
  const lanes = Math.min(threads, units);
  const splits = Math.min(Math.floor(threads / lanes), xhSize);
  return {
    MODELS_PER_WORKGROUP: 1,
    UNIT_LANES: lanes,
    SPLITS: splits,
    UNITS_PER_THREAD: Math.ceil(units / lanes),
    XH_PER_THREAD: Math.ceil(xhSize / splits),
    HEAD_VECTORS_PER_THREAD: Math.ceil(((units + 1) * outputs) / (4 * lanes * splits)),
    PARTIALS_PER_THREAD: Math.max(1, Math.floor(PARTIALS / lanes)),
    EXCHANGED_UNITS: splits === 1 && steps > 1 ? units : 0,
  };
}
