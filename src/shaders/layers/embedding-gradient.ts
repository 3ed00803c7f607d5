import { defineKernel, elementGrid } from '../../runtime/kernel.ts';
import source from './embedding-gradient.wgsl?raw';
import grid from '../prelude/grid.wgsl?raw';

/** Computes the gradient of an embedding table: each row sums the gradients of all outputs that were looked up in it. */
export const embeddingGradient = defineKernel({
  name: 'embedding-gradient',
  source,
  preludes: [grid],
  bindings: { indices: 'read', output_gradient: 'read', gradient: 'read-write' },
  constants: ['TABLE_ROWS', 'POSITIONS', 'COLUMNS', 'SPAN'],
  sizes: ['POSITIONS', 'TABLE_ROWS', 'COLUMNS', 'SPAN'],
  grid: ({ TABLE_ROWS, COLUMNS, SPAN }) => elementGrid(TABLE_ROWS * Math.ceil(COLUMNS / SPAN)),
});

/** How many invocations are enough to fill a GPU. */
const ENOUGH_INVOCATIONS = 2 ** 12;

/** How many columns an invocation owns: several if the table is large, since every invocation reads all indices. */
export function embeddingSpan(tableRows: number, columns: number): number {
  return Math.min(columns, Math.max(1, Math.floor((tableRows * columns) / ENOUGH_INVOCATIONS)));
}
