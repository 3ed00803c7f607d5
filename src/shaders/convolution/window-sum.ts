import { elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './window-sum.wgsl?raw';
import { forEachPart, WINDOW_CONSTANTS } from './windows.ts';

/** Computes the gradient of the input of a convolution from that of its windows. */
export const sumWindows = forEachPart({
  name: 'window-sum',
  source,
  preludes: [grid],
  bindings: { windows_gradient: 'read', input_gradient: 'read-write' },
  constants: WINDOW_CONSTANTS,
  sizes: WINDOW_CONSTANTS,
  grid: ({ STEPS, ROWS, PARTS }) => elementGrid(STEPS * ROWS * PARTS),
});
