import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './metric.wgsl?raw';
import loss from '../prelude/loss.wgsl?raw';
import metrics from '../prelude/metrics.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Computes a metric of a batch, and writes its weighted sum and the sum of the weights to two columns of the journal. */
export const metric = defineKernel({
  name: 'metric',
  source,
  preludes: [nan, metrics, reduce, update, loss],
  bindings: { update: 'frame', prediction: 'read', target_value: 'read', weights: 'read', journal: 'read-write' },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN', 'THREADS', 'WEIGHTED', 'METRIC', 'THRESHOLD'],
  sizes: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
