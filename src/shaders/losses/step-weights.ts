import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './step-weights.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Computes the weight of each step in the loss from the mask and the sample weights. */
export const stepWeights = defineKernel({
  name: 'step-weights',
  source,
  preludes: [reduce, update],
  bindings: { update: 'frame', mask: 'read', sample_weights: 'read', weights: 'read-write', journal: 'read-write' },
  constants: ['STEPS', 'ROWS', 'THREADS', 'WEIGHTED', 'NORMALIZED', 'COLUMNS', 'COLUMN'],
  sizes: ['STEPS', 'ROWS', 'COLUMNS', 'COLUMN'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
