import { defineKernel, generalSumThreads } from '../../runtime/kernel.ts';
import source from './gradient-norm.wgsl?raw';
import reduce from '../prelude/reduce.wgsl?raw';

/** Computes the Euclidean norm of a gradient, or of a part of it. */
export const gradientNorm = defineKernel({
  name: 'gradient-norm',
  source,
  preludes: [reduce],
  bindings: { gradient: 'read', norm: 'read-write' },
  constants: ['FIRST', 'ELEMENTS', 'THREADS'],
  sizes: ['FIRST', 'ELEMENTS'],
  generalConstants: generalSumThreads,
  grid: () => [1, 1, 1],
});
