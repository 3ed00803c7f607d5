import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './activity-penalty.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Adds the penalty on the size of a layer's outputs to the loss in the journal. */
export const activityPenalty = defineKernel({
  name: 'activity-penalty',
  source,
  preludes: [reduce, update],
  bindings: { update: 'frame', values: 'read', journal: 'read-write' },
  constants: ['ELEMENTS', 'ROWS', 'FEATURES', 'COLUMNS', 'L1', 'L2', 'THREADS'],
  sizes: ['ELEMENTS', 'ROWS', 'FEATURES', 'COLUMNS'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
