import type { AdapterClass } from '../../../runtime/adapter.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { ROW_QUAD, SPLIT_K_ROWS } from '../../../shaders/lstm/lstm-split-k.ts';

/** A tile of a step whose sums are split along k. */
export interface SplitKTile {
  readonly rows: number;
  readonly units: number;
}

/** Threads of a workgroup, which takes 64 bytes of workgroup memory for each: together WebGPU's default limit of 16 KiB. */
export const SPLIT_K_THREADS = 256;

/**
 * Rows and units of a tile: with more rows the weights are read less often, and with more units the states. The terms of a sum
 * are shared by SPLIT_K_THREADS / units threads.
 */
const ROWS = [SPLIT_K_ROWS.forward, 2 * ROW_QUAD, ROW_QUAD] as const;
const UNITS = [16, 8, 4] as const;

/** With fewer units a step is over sooner than the dispatch of the next begins. */
const LEAST_UNITS = 64;

/** How many tiles are candidates. */
const CANDIDATES = 3;

/**
 * About how many cores a GPU of a class has, each of which runs such a workgroup at full speed: multiprocessors, compute units
 * and the like, between those of small and of large ones. WebGPU does not tell their number. A software adapter is not offered
 * these tiles, since barriers are expensive there, and loads from workgroup memory cost as much as others.
 */
const CORES: Record<AdapterClass, number | undefined> = { discrete: 64, integrated: 16, phone: 6, software: undefined };

/**
 * The tiles for a step of B rows and H units, the likely fastest first: those of the fewest workgroups that give each core of
 * such a GPU one, and of these the highest. There are none where a device has fewer threads, as in compatibility mode.
 */
export function splitKTiles(
  { device: { limits }, adapterClass }: Pick<Gpu, 'device' | 'adapterClass'>,
  rows: number,
  units: number,
): SplitKTile[] {
  const cores = CORES[adapterClass];
  if (!cores || limits.maxComputeInvocationsPerWorkgroup < SPLIT_K_THREADS || units < LEAST_UNITS) return [];
  const workgroups = (tile: SplitKTile) => Math.ceil(rows / tile.rows) * Math.ceil(units / tile.units);
  const lowest = ROWS.findLast((most) => most >= rows) ?? ROWS[0];
  const tiles = ROWS.filter((most) => most <= lowest).flatMap((tileRows) =>
    UNITS.map((tileUnits) => ({ rows: tileRows, units: tileUnits })),
  );
  const isFull = (tile: SplitKTile) => workgroups(tile) >= cores;
  // Sorting is stable: tiles with as many workgroups stay in the order of their rows.
  const full = tiles.filter(isFull).toSorted((a, b) => workgroups(a) - workgroups(b));
  const notFull = tiles.filter((tile) => !isFull(tile)).toSorted((a, b) => workgroups(b) - workgroups(a));
  return [...full, ...notFull].slice(0, CANDIDATES);
}
