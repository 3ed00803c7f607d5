import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './categorical-crossentropy.wgsl?raw';
import activations from '../prelude/activations.wgsl?raw';
import crossentropy from '../prelude/crossentropy.wgsl?raw';
import loss from '../prelude/loss.wgsl?raw';
import nan from '../prelude/nan.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';
import update from '../prelude/update.wgsl?raw';

/** Computes categorical cross-entropy and its gradient, from logits fused with the softmax, or from probabilities. */
export const categoricalCrossentropy = defineKernel({
  name: 'categorical-crossentropy',
  source,
  preludes: [nan, activations, crossentropy, reduce, update, loss],
  bindings: {
    update: 'frame',
    output: 'read',
    target_value: 'read',
    weights: 'read',
    prediction: 'read-write',
    gradient: 'read-write',
    journal: 'read-write',
  },
  constants: [
    'STEPS',
    'ROWS',
    'FEATURES',
    'COLUMNS',
    'COLUMN',
    'THREADS',
    'WEIGHTED',
    'FROM_LOGITS',
    'SPARSE',
    'SMOOTHING',
  ],
  sizes: ['STEPS', 'ROWS', 'FEATURES', 'COLUMNS', 'COLUMN'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
