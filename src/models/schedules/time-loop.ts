import type { Grid } from '../../runtime/kernel.ts';
import type { Cell } from '../layers/cell.ts';

/** How the time loop of a recurrent layer is cut into dispatches. */
export interface TimeLoop {
  /** Threads in a workgroup; they share the units of its rows. */
  threads: number;
  /** Rows that an invocation owns. */
  tileRows: number;
  /** Workgroups of a dispatch of many steps; nothing if each step has a dispatch with as many as its kernel wants. */
  grid?: Grid;
  /** The stretches of time steps, in order of time, one a dispatch. */
  stretches: readonly { first: number; count: number }[];
}

/** Up to here one workgroup a tile of rows keeps up with a step; beyond it the units are worth spreading over many. */
const PERSISTENT_UNITS = 128;

const MOST_THREADS = 64;

/** Rows of a tile, and how many rows make it worth its while. */
const TILE_ROWS = 8;
const ENOUGH_ROWS = 3;

/** Multiply-adds in one dispatch: about 50 ms on a processor that stands in for a GPU, far less on a GPU. */
const MOST_WORK = 5e7;

/** What a step costs besides its products: barriers and activations, in multiply-adds. */
const STEP_COST = 2e4;

/**
 * Chooses by shape. *Persistent*: one workgroup for each tile of rows runs many steps in one dispatch, with barriers
 * between them. *Stepped*: a dispatch a step, each with as many workgroups as the units fill.
 *
 * @param gates products of width `units` in a step
 * @param alwaysPersistent for a cell that has barriers within a step
 * @param hasTiles whether an invocation can own several rows
 */
export function timeLoop(
  steps: number,
  rows: number,
  units: number,
  { gates = 4, alwaysPersistent = false, hasTiles = false }: Partial<Cell> = {},
): TimeLoop {
  const tileRows = hasTiles && rows >= ENOUGH_ROWS ? TILE_ROWS : 1;
  const threads = Math.min(MOST_THREADS, 2 ** Math.ceil(Math.log2(units)));
  const isPersistent = alwaysPersistent || units <= PERSISTENT_UNITS;
  const stepWork = gates * units * units * rows + STEP_COST;
  const most = isPersistent ? Math.max(1, Math.floor(MOST_WORK / stepWork)) : 1;
  return {
    threads,
    tileRows,
    grid: isPersistent ? [1, Math.ceil(rows / tileRows), 1] : undefined,
    stretches: Array.from({ length: Math.ceil(steps / most) }, (_, index) => ({
      first: index * most,
      count: Math.min(most, steps - index * most),
    })),
  };
}
