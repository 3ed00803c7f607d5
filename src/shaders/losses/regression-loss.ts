import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './regression-loss.wgsl?raw';
import loss from '../prelude/loss.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Computes a loss of the difference between prediction and target, and its gradient. */
export const regressionLoss = defineKernel({
  name: 'regression-loss',
  source,
  preludes: [nan, reduce, update, loss],
  bindings: {
    update: 'frame',
    prediction: 'read',
    target_value: 'read',
    weights: 'read',
    gradient: 'read-write',
    journal: 'read-write',
  },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN', 'THREADS', 'WEIGHTED', 'KIND', 'DELTA'],
  sizes: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
