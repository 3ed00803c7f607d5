import { elementGrid } from '../../runtime/kernel.ts';
import grid from '../prelude/grid.wgsl?raw';
import source from './window-gather.wgsl?raw';
import { forEachPart, WINDOW_CONSTANTS } from './windows.ts';

/** Gathers the windows of a convolution over time. */
export const gatherWindows = forEachPart({
  name: 'window-gather',
  source,
  preludes: [grid],
  bindings: { input: 'read', windows: 'read-write' },
  constants: WINDOW_CONSTANTS,
  sizes: WINDOW_CONSTANTS,
  grid: ({ WINDOWS, ROWS, TAPS, PARTS }) => elementGrid(WINDOWS * ROWS * TAPS * PARTS),
});
