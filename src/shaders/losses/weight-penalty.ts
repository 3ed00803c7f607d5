import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './weight-penalty.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Adds the penalty on the size of a weight to the loss in the journal, and its gradient to the gradient of the weight. */
export const weightPenalty = defineKernel({
  name: 'weight-penalty',
  source,
  preludes: [nan, reduce, update],
  bindings: { update: 'frame', parameters: 'read', gradient: 'read-write', journal: 'read-write' },
  constants: ['FIRST', 'ELEMENTS', 'COLUMNS', 'L1', 'L2', 'THREADS'],
  sizes: ['FIRST', 'ELEMENTS', 'COLUMNS'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
