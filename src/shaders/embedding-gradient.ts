import { defineKernel, elementGrid } from '../runtime/kernel.ts';
import source from './embedding-gradient.wgsl?raw';
import grid from './prelude/grid.wgsl?raw';

/** The gradient of an embedding's table: each of its elements collects from all places that looked it up. */
export const embeddingGradient = defineKernel({
  name: 'embedding-gradient',
  source,
  preludes: [grid],
  bindings: { indices: 'read', output_gradient: 'read', gradient: 'read-write' },
  constants: ['TABLE_ROWS', 'STEPS', 'ROWS', 'COLUMNS'],
  grid: ({ TABLE_ROWS, COLUMNS }) => elementGrid(TABLE_ROWS * COLUMNS),
});
