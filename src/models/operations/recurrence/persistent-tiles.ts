import type { AdapterClass } from '../../../runtime/adapter.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Constants } from '../../../runtime/kernel.ts';
import { VECTOR_WORDS, type Precision } from '../../../shaders/precision.ts';
import { GPU_CORES } from '../cores.ts';

/** A time loop whose workgroups keep all recurrent weights of a layer in registers. */
export interface PersistentTile {
  /** Rows of a workgroup. */
  readonly rows: number;
  /** Threads of a workgroup that share the terms of each sum, and so the weights of a unit. */
  readonly slices: number;
}

/** The sizes on which it depends which time loops are possible, and which are fast. */
export interface LoopSize {
  rows: number;
  units: number;
  /** The number of input features if the loop computes the input product; 0 if that is given. */
  features: number;
  precision: Precision;
}

/** Rows of a workgroup: with more of them each weight serves more products, and fewer workgroups keep cores busy. */
const ROWS = [1, 2, 4, 8] as const;

/** How many tiles are candidates. */
const CANDIDATES = 2;

/** With fewer units a single thread adds up a sum about as fast as several do that wait for each other. */
const LEAST_UNITS = 16;

/** More slices make a step wait longer for its partial sums than they save in products. */
const MOST_SLICES = 8;

/** Threads of a workgroup up to which more slices are preferred: enough to hide how long a load takes. */
const PREFERRED_THREADS = 256;

/**
 * Registers of 32 bits that an invocation has at the most, by the class of the GPU: NVIDIA's and AMD's compilers give 255 and
 * 256, Apple's about 128, Intel's 128 with 8 lanes. Phones and software adapters have too few.
 */
const REGISTERS: Record<AdapterClass, number | undefined> = {
  discrete: 255,
  integrated: 128,
  phone: undefined,
  software: undefined,
};

/** Registers of all threads of a workgroup: as many as a core of an NVIDIA GPU has, and fewer than AMD's. */
const WORKGROUP_REGISTERS = 65_536;

/** Registers besides those of the weights: addresses, a state, the inputs of the next step, and for each row four sums. */
const OTHER_REGISTERS = 24;
const REGISTERS_OF_A_ROW = 4;

/** Bytes of workgroup memory of a number, and of a vector of numbers for the four gates. */
const [NUMBER, VECTOR] = [4, 16];

/** How the passes of a time loop are cut, as constants of their kernels. */
export function persistentSizes({ rows, slices }: PersistentTile, { units, features }: Pick<LoopSize, 'units' | 'features'>) {
  const products = (features > 0 ? features + 1 : 0) + units;
  const THREADS = slices * units;
  return {
    shared: { THREADS, TILE_ROWS: rows, SLICES: slices, CELLS: Math.ceil(rows / slices) },
    forward: { TERMS: Math.ceil(products / slices), OWN_FEATURES: Math.ceil((rows * features) / THREADS) },
    backward: { TERMS: Math.ceil(units / slices) },
  } satisfies Record<string, Constants>;
}

/** Whether a tile fits into the registers and the workgroup memory of a device. */
function fits(
  { device: { limits }, adapterClass }: Pick<Gpu, 'device' | 'adapterClass'>,
  tile: PersistentTile,
  size: LoopSize,
): boolean {
  const { shared, forward, backward } = persistentSizes(tile, size);
  const { THREADS } = shared;
  const weights = forward.TERMS * VECTOR_WORDS[size.precision];
  const registers = weights + OTHER_REGISTERS + REGISTERS_OF_A_ROW * tile.rows;
  const bytes = Math.max(
    tile.slices * 4 * Math.ceil(forward.TERMS / 4) * NUMBER + THREADS * VECTOR,
    tile.slices * backward.TERMS * VECTOR + THREADS * NUMBER,
  );
  return (
    THREADS <= Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX) &&
    registers <= (REGISTERS[adapterClass] ?? 0) &&
    THREADS * registers <= WORKGROUP_REGISTERS &&
    tile.rows * bytes <= limits.maxComputeWorkgroupStorageSize
  );
}

/**
 * The tiles for the time loop of B rows and H units, the likely fastest first: that of the fewest rows whose workgroups find a
 * core each, and its neighbour. There are none where a layer is too large for the registers of such a GPU.
 */
export function persistentTiles(gpu: Pick<Gpu, 'device' | 'adapterClass'>, size: LoopSize): PersistentTile[] {
  const cores = GPU_CORES[gpu.adapterClass];
  if (!cores || size.units < LEAST_UNITS) return [];
  const bySlices = Array.from({ length: MOST_SLICES }, (_, n) => n + 1);
  const ofRows = (rows: number): PersistentTile[] => {
    const fitting = bySlices.map((slices) => ({ rows, slices })).filter((tile) => fits(gpu, tile, size));
    const preferred = fitting.findLast(({ slices }) => slices * size.units <= PREFERRED_THREADS) ?? fitting[0];
    return preferred ? [preferred] : [];
  };
  const tiles = ROWS.filter((rows) => rows === 1 || rows < 2 * size.rows).flatMap(ofRows);
  const first = tiles.findIndex(({ rows }) => Math.ceil(size.rows / rows) <= cores);
  const likeliest = first < 0 ? tiles.length - 1 : first;
  const byDistance = tiles.toSorted(
    (a, b) => Math.abs(tiles.indexOf(a) - likeliest) - Math.abs(tiles.indexOf(b) - likeliest),
  );
  return byDistance.slice(0, CANDIDATES);
}
