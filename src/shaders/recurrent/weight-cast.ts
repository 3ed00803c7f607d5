import { elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import { inEachPrecision } from '../precision.ts';
import source from './weight-cast.wgsl?raw';

/** Rounds the weights that the time loop of an LSTM reads to half precision. */
export const weightCast = inEachPrecision({
  name: 'weight-cast',
  source,
  preludes: [grid],
  bindings: { weights: 'read', rounded: 'read-write' },
  constants: ['FIRST', 'VECTORS'],
  grid: ({ VECTORS }) => elementGrid(VECTORS),
}).mixedFloat16;
