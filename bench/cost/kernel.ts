import type { KernelInReport } from '../compile/report.ts';
import { tileOf } from '../compile/report.ts';
import type { Replayed } from './replay.ts';

/** A kernel with its constants and its grid, as it was replayed. */
export interface CostedKernel extends Replayed {
  kernel: string;
  grid: [number, number, number];
  constants: Record<string, number>;
  /** Of these and its code. */
  digest: string;
  /** Time steps, or updates of models, that a dispatch works through one after the other. */
  turns: number;
}

/** A kernel in one tile, as the compile report names it. */
export const nameOf = ({ kernel, constants }: Pick<CostedKernel, 'kernel' | 'constants'>): string =>
  `${kernel} ${tileOf({ constants, extensions: [] })}`.trim();

/** Multiplications and additions in the products of a dispatch. Kernels that multiply no matrices are bound by what they move. */
export function operationsOf({ kernel, constants, grid, turns }: CostedKernel): number {
  const { ROWS = 0, UNITS = 0, INPUTS = 0, INNER = 0, COLUMNS = 0, STEPS = 1 } = constants;
  if (kernel.startsWith('product-')) return 2 * ROWS * INNER * COLUMNS;
  if (kernel.startsWith('lstm-forward')) return 8 * turns * ROWS * UNITS * (UNITS + INPUTS);
  if (kernel.startsWith('lstm-backward')) return 8 * turns * ROWS * UNITS * UNITS;
  // Layers above the lowest, or below the highest, have two products where that one has one.
  if (kernel.startsWith('lstm-wavefront')) return 8 * ROWS * UNITS * UNITS * (2 * grid[2] - 1);
  if (kernel === 'resident-updates') return 24 * turns * grid[0] * ROWS * STEPS * UNITS * (INPUTS + UNITS);
  return 0;
}

/** The share of bytes that were asked for in those of the sectors that were touched, request by request. */
export function usedShare({ traffic }: Pick<Replayed, 'traffic'>): number {
  return sum(traffic, 'bytes') / (32 * sum(traffic, 'sectors'));
}

/** What of its memory a kernel uses worst, and how much of it. */
export function worstBinding({ traffic }: Pick<Replayed, 'traffic'>): {
  binding: string;
  isStore: boolean;
  used: number;
} {
  const wasted = (one: Replayed['traffic'][number]) => 32 * one.sectors - one.bytes;
  const worst = traffic.toSorted((a, b) => wasted(b) - wasted(a))[0];
  return { binding: worst.binding, isStore: worst.isStore, used: usedShare({ traffic: [worst] }) };
}

export function sum(
  traffic: Replayed['traffic'],
  key: 'requests' | 'sectors' | 'bytes' | 'groupSectors' | 'distinctSectors',
) {
  return traffic.reduce((all, one) => all + one[key], 0);
}

/** The bindings that hold weights: kernels of LSTM layers, and the right factor of a product. */
const WEIGHTS = ['weights', 'transposed', 'b'];

/** How often weights are read for each tile of rows and each turn; undefined of a kernel that reads none. */
export function readsPerRowTile({ traffic, grid, turns }: CostedKernel): number | undefined {
  const weights = traffic.find(({ binding, isStore }) => !isStore && WEIGHTS.includes(binding));
  if (weights === undefined) return undefined;
  return weights.bytes / (32 * weights.distinctSectors) / (grid[1] * turns);
}

/** Registers and workgroup memory as a compiler for another GPU makes the kernel; of other sizes of its tile if need be. */
export function compiledOf(
  kernel: CostedKernel,
  compiled: readonly KernelInReport[],
): { registers: number; workgroupMemory: number; waves: number } | undefined {
  const ofTile = compiled.filter((one) => nameOf(one) === nameOf(kernel) && one.extensions.length === 0);
  if (ofTile.length === 0) return undefined;
  const all = ofTile.map(({ statistics }) => statistics);
  return {
    registers: Math.max(...all.map(({ registers }) => registers)),
    workgroupMemory: Math.max(...all.map(({ workgroupMemory }) => workgroupMemory)),
    waves: Math.min(...all.map(({ waves }) => waves)),
  };
}
