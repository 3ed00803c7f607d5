import { defineKernel } from '../runtime/kernel.ts';
import source from './mean-squared-error.wgsl?raw';
import loss from './prelude/loss.wgsl?raw';
import reduce from './prelude/reduce.wgsl?raw';
import update from './prelude/update.wgsl?raw';

/** Mean squared error with its gradient. */
export const meanSquaredError = defineKernel({
  name: 'mean-squared-error',
  source,
  preludes: [reduce, update, loss],
  bindings: {
    update: 'frame',
    prediction: 'read',
    target_value: 'read',
    gradient: 'read-write',
    journal: 'read-write',
  },
  constants: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN', 'THREADS'],
  grid: () => [1, 1, 1],
});
