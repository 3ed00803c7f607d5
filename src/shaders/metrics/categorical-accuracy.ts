import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './categorical-accuracy.wgsl?raw';
import loss from '../prelude/loss.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/**
 * Computes how often the largest output is that of the right class, and writes the weighted sum and the sum of the weights to
 * the journal.
 */
export const categoricalAccuracy = defineKernel({
  name: 'categorical-accuracy',
  source,
  preludes: [nan, reduce, update, loss],
  bindings: { update: 'frame', prediction: 'read', target_value: 'read', weights: 'read', journal: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN', 'THREADS', 'WEIGHTED', 'SPARSE'],
  sizes: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
