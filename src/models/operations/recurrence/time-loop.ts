import { STEP_WORK } from '../../../runtime/autotune/cost-model.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Grid } from '../../../runtime/kernel.ts';
import { LSTM_TILE_UNITS } from '../../../shaders/lstm/lstm-tile.ts';
import { QUAD, type Loading } from '../../../shaders/quads.ts';
import type { Cell } from './cell.ts';
import { piecesInDispatch } from '../dispatch-length.ts';
import { loadings } from '../loadings.ts';
import { SPLIT_K_THREADS, splitKTiles, type SplitKTile } from './split-k-tiles.ts';

/**
 * A candidate for the time loop of a recurrent layer: how it is cut into dispatches and tiles. *Fused*: one dispatch runs many
 * steps, with barriers between them, in one workgroup per tile of rows. *Stepped*: each step is a dispatch, with as many
 * workgroups as the units fill.
 */
export interface TimeLoop {
  readonly name: string;
  readonly schedule: 'fused' | 'stepped';
  /** How many rows an invocation owns. */
  readonly tileRows: number;
  /** Whether invocations load their rows on their own or in quads. */
  readonly loading: Loading;
  /** Threads in a workgroup; they share the units of its rows. */
  readonly threads: number;
  /** Whether the recurrent weights stay in private memory from step to step, as in a persistent RNN (Diamos et al. 2016). */
  readonly hasPersistentWeights: boolean;
  /** Units of a workgroup whose threads share the terms of each sum (split-K); absent where a thread adds up whole sums. */
  readonly splitKUnits?: number;
}

/**
 * Largest sizes at which one workgroup per tile of rows is fast enough to fuse the steps; above them a step is spread over
 * several workgroups. A single tile is judged by the multiply-adds of a step, since no other tile fills the device.
 */
const FUSED_UNITS = 128;
const FUSED_WORK = 5e4;

/** Threads per workgroup: the default, and a smaller size for when more workgroups improve occupancy. */
const MAX_THREADS = 64;
const FEW_THREADS = 16;

/** Units of an invocation with tiles, as many as in the backward pass, which takes the most: more threads would idle there. */
const TILE_UNITS = LSTM_TILE_UNITS.backward;

/** Rows of a tile, and the least rows of a batch for which it pays. Quads allow higher tiles: each thread loads a quarter. */
const TILES = {
  alone: [{ tileRows: 8, leastRows: 3 }],
  quads: [
    { tileRows: 32, leastRows: 64 },
    { tileRows: 16, leastRows: 9 },
    { tileRows: 8, leastRows: 3 },
  ],
} as const satisfies Record<Loading, readonly object[]>;

/**
 * The most rows of a tile with quads on a GPU: the sums of more rows do not fit into a thread's registers and spill to memory
 * (64 KiB for 64 threads with 16 rows, as Mesa's compiler for RDNA 2 reports).
 */
const MAX_QUAD_ROWS = 8;

/**
 * Largest sizes for persistent weights on a software adapter. `rows`: each row has a workgroup with all recurrent weights,
 * which up to here may be faster than sharing them; up to `surelyRows` it is expected to be. `units`: two columns of so many
 * vectors fill the 8 KiB that WGSL grants for private variables. A GPU has no such candidate, since its registers cannot
 * hold the weights (542 of 64 units and 1,566 of 128 spill to memory, as the same compiler reports).
 */
const PERSISTENT_LIMITS = { rows: 8, surelyRows: 4, units: 256 };

/** With fewer tiles of rows than this, cores may be idle. */
const FEW_TILES = 4;

/** The expected best rows of a tile, up to `most`, for so many rows of a batch. */
export function tileRowsFor(rows: number, loading: Loading, most = Infinity): number {
  return TILES[loading].find(({ tileRows, leastRows }) => tileRows <= most && rows >= leastRows)?.tileRows ?? 1;
}

/** How many threads cover so many units if each owns `owned`: a power of two up to `most`. */
export function threadsFor(units: number, owned: number, loading: Loading, most: number): number {
  const least = loading === 'quads' ? QUAD : 1;
  return Math.max(least, Math.min(most, 2 ** Math.ceil(Math.log2(Math.ceil(units / owned)))));
}

/** The time loops that a cell allows for B rows and H units on this adapter, the likely fastest first. */
export function timeLoops(
  gpu: Pick<Gpu, 'device' | 'adapterClass'>,
  rows: number,
  units: number,
  { alwaysFused, hasTiles, allowsSplitK, allowsPersistentWeights, gates }: Cell,
): TimeLoop[] {
  const [loading, ...others]: readonly Loading[] = hasTiles ? loadings(gpu) : ['alone'];
  const tileRows = hasTiles ? tileRowsFor(rows, loading) : 1;
  const threads = threadsFor(units, hasTiles ? TILE_UNITS : 1, loading, MAX_THREADS);
  const fused = [loop('fused', tileRows, loading, threads)];
  const smaller = hasTiles ? tileRowsFor(rows, loading, tileRows - 1) : 1;
  if (smaller > 1 && rows / tileRows < FEW_TILES) fused.push(loop('fused', smaller, loading, threads));
  // A tile for each row gives more workgroups, which a large GPU needs to be full.
  if (tileRows > 1) fused.push(loop('fused', 1, loading, threads));
  if (alwaysFused) return fused;
  const fewThreads = Math.min(threads, FEW_THREADS);
  const splitK = allowsSplitK ? splitKTiles(gpu, rows, units).map(splitKLoop) : [];
  const stepped = [...splitK, loop('stepped', tileRows, loading, fewThreads)];
  if (threads > fewThreads) stepped.push(loop('stepped', tileRows, loading, threads));
  if (tileRows > 1) stepped.push(loop('stepped', 1, loading, fewThreads));
  const isSpread = rows > tileRows ? units > FUSED_UNITS : gates * units * units * rows > FUSED_WORK;
  const likeliestFirst = isSpread ? [...stepped, ...fused] : [...fused, ...stepped];
  const { schedule } = likeliestFirst[0];
  const isSoftware = gpu.adapterClass === 'software';
  const limits = PERSISTENT_LIMITS;
  if (allowsPersistentWeights && isSoftware && rows <= limits.rows && units <= limits.units && units % QUAD === 0) {
    const allThreads = threadsFor(units, LSTM_TILE_UNITS.forward, loading, Infinity);
    const persistent = withPersistentWeights(loop('fused', 1, loading, allThreads));
    likeliestFirst.splice(rows <= limits.surelyRows ? 0 : 1, 0, persistent);
  }
  const inQuads = (other: Loading) =>
    loop(schedule, tileRowsFor(rows, other, MAX_QUAD_ROWS), other, Math.max(QUAD, threads));
  return [...likeliestFirst, ...others.map(inQuads)];
}

function withPersistentWeights(fused: TimeLoop): TimeLoop {
  return { ...fused, name: `${fused.name}, persistent weights`, hasPersistentWeights: true };
}

function loop(schedule: TimeLoop['schedule'], tileRows: number, loading: Loading, threads: number): TimeLoop {
  const rows = tileRows === 1 ? 'a row' : `${tileRows} rows`;
  const together = loading === 'quads' ? ' in quads' : '';
  return {
    name: `${schedule}, ${rows}, ${threads} threads${together}`,
    schedule,
    tileRows,
    loading,
    threads,
    hasPersistentWeights: false,
  };
}

/** A stepped loop in tiles whose sums are split along k. */
export function splitKLoop({ rows, units }: SplitKTile): TimeLoop {
  return {
    ...loop('stepped', rows, 'alone', SPLIT_K_THREADS),
    name: `stepped, ${rows} rows × ${units} units, split-K ${SPLIT_K_THREADS / units}`,
    splitKUnits: units,
  };
}

/** The grid of a fused dispatch. It is `undefined` for a stepped loop, whose grid the kernel's contract gives. */
export function loopGrid({ schedule, tileRows }: TimeLoop, rows: number): Grid | undefined {
  return schedule === 'fused' ? [1, Math.ceil(rows / tileRows), 1] : undefined;
}

/** About how many multiply-adds a step takes. */
export function stepWork(rows: number, units: number, { gates }: Cell): number {
  return gates * units * units * rows + STEP_WORK;
}

/**
 * The time chunks, one per dispatch, in order of time: the first step of each and how many there are.
 *
 * @param workOfStep in multiply-adds
 * @param throughput in multiply-adds per millisecond
 */
export function timeChunks(
  { schedule }: TimeLoop,
  steps: number,
  workOfStep: number,
  throughput: number,
): { first: number; count: number }[] {
  const most = schedule === 'fused' ? piecesInDispatch(steps, workOfStep, throughput) : 1;
  return Array.from({ length: Math.ceil(steps / most) }, (_, index) => ({
    first: index * most,
    count: Math.min(most, steps - index * most),
  }));
}
