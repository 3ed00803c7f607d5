import type { Gpu } from '../../../runtime/gpu.ts';
import type { Constants } from '../../../runtime/kernel.ts';
import type { Plan } from '../../../runtime/plan.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { BLOCK, type BLOCK_CONSTANTS } from '../../../shaders/products/blocks.ts';
import type { Elements } from '../../../shaders/products/elements.ts';
import { productInRegisters } from '../../../shaders/products/product-registers.ts';
import { productInSlices } from '../../../shaders/products/product-sliced.ts';
import { productStaged } from '../../../shaders/products/product-staged.ts';
import { QUAD } from '../../../shaders/quads.ts';
import { loadings } from '../loadings.ts';

export type ProductConstants = Constants<(typeof BLOCK_CONSTANTS)[number]>;

/** How the elements of a product are shared out among invocations. */
export interface ProductTile {
  readonly name: string;
  /** Invocations of a workgroup at the most. */
  readonly threads: number;
  add(plan: Plan, bindings: Record<'a' | 'b' | 'out', Tensor>, constants: ProductConstants): void;
}

/** Rows, and columns, of a product, and the factors summed up for each of its elements. */
export type ProductSizes = Pick<ProductConstants, 'ROWS' | 'INNER' | 'COLUMNS'>;

/** Invocations in a workgroup of the tiles that share nothing. */
const GROUP = 16;

/** Invocations in a workgroup that adds up slices: each takes memory of the workgroup, which has to be cleared first. */
const MOST_SLICED = 64;

/** Columns of a tile in registers. */
const STRIP = 2 * BLOCK;

/** A large tile of sums an invocation: the fewest loads, for many multiply-adds. */
const inRegisters = (STRIPS: number): ProductTile => ({
  name: `${BLOCK * STRIPS} × ${STRIP} in registers`,
  threads: GROUP,
  add: (plan, bindings, constants) => {
    const [loading] = loadings(plan.gpu);
    const [rows, columns] = [constants.ROWS / (BLOCK * STRIPS), constants.COLUMNS / STRIP];
    const workgroup = loading === 'quads' ? wideGroup(rows, columns) : group(rows, columns);
    plan.add(productInRegisters[elements(constants)][loading], bindings, { ...constants, ...workgroup, STRIPS });
  },
});

/** A block an invocation, or, with `slices`, a block for so many of them. */
const inSlices = (SLICES: number): ProductTile => ({
  name: SLICES === 1 ? 'a block each' : `a block in ${SLICES} slices`,
  threads: MOST_SLICED,
  add: (plan, bindings, constants) => {
    const { ROWS, COLUMNS } = constants;
    const workgroup = group(ROWS / BLOCK, COLUMNS / BLOCK, Math.min(GROUP, MOST_SLICED / SLICES));
    plan.add(productInSlices[elements(constants)], bindings, { ...constants, ...workgroup, SLICES });
  },
});

/** A tile a workgroup, loaded once for all of it. */
const staged = (EDGE: number): ProductTile => ({
  name: `${2 * BLOCK * EDGE} × ${2 * BLOCK * EDGE} staged`,
  threads: EDGE ** 2,
  add: (plan, bindings, constants) => plan.add(productStaged, bindings, { ...constants, EDGE }),
});

/**
 * How many elements a load can bring: four if they lie side by side, from a multiple of four on, and none past an edge.
 * Quads hand factors of an `a` by columns over in an order of their own, which four factors of b at once cannot follow.
 */
export function elements(sizes: ProductConstants): Elements {
  const { A_FIRST, A_ROW, A_COLUMN, B_FIRST, B_ROW, B_COLUMN, ROWS, INNER, COLUMNS, ADD_BIAS } = sizes;
  const areFours = (...numbers: number[]) => numbers.every((number) => number % BLOCK === 0);
  const a = A_COLUMN === 1 ? areFours(A_FIRST, A_ROW, INNER) : A_ROW === 1 && areFours(A_FIRST, A_COLUMN, ROWS);
  const b =
    B_COLUMN === 1
      ? areFours(B_FIRST, B_ROW, COLUMNS)
      : A_COLUMN === 1 && B_ROW === 1 && ADD_BIAS === 0 && areFours(B_FIRST, B_COLUMN, INNER);
  return a && b ? 'vectors' : 'numbers';
}

/** Workgroups below which cores may be left without work. */
const FEWEST_GROUPS = 4;

/** The invocations of a workgroup in which all have the same rows. */
function wideGroup(rows: number, columns: number): { WIDE: number; HIGH: number } {
  const inEachGroup = (Math.ceil(rows) * columns) / FEWEST_GROUPS;
  return { WIDE: Math.max(QUAD, Math.min(GROUP, powerOfTwo(columns), powerOfTwo(inEachGroup))), HIGH: 1 };
}

/** The invocations of a workgroup: as square as rows and columns of tiles allow. */
function group(rows: number, columns: number, most = GROUP): { WIDE: number; HIGH: number } {
  const [high, wide] = [powerOfTwo(rows), powerOfTwo(columns)];
  const WIDE = Math.min(wide, most, Math.max(Math.sqrt(GROUP), most / high));
  return { WIDE, HIGH: Math.min(high, most / WIDE) };
}

/** The least power of two that is not smaller. */
const powerOfTwo = (least: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(least)));

/** Every tile. Each can work out every product; which is the fastest depends on its sizes and on the GPU. */
export const productTiles = {
  large: inRegisters(8),
  middle: inRegisters(4),
  small: inRegisters(2),
  block: inSlices(1),
  blockIn4: inSlices(4),
  blockIn16: inSlices(16),
  blockIn64: inSlices(64),
  staged: staged(8),
  stagedLarge: staged(16),
} as const satisfies Record<string, ProductTile>;

/** Tiles that are too few leave cores without work. */
const FEWEST_TILES = 16;

/** Multiply-adds from which on a tile in registers is worth the time that compiling its long code takes. */
const LEAST_WORK = 2 ** 17;
const LARGE_WORK = 2 ** 22;

/** Blocks below which invocations are left over for slices, and factors that each slice should have at the least. */
const FEW_BLOCKS = 64;
const SLICE_FACTORS = 64;

/** Rows, and columns, from which on a staged tile of 64 × 64 has enough to do. */
const STAGED_LEAST = 33;

/** The likely best tile where nothing was measured, judged by shape. */
export function productTile(
  { isSoftware }: Pick<Gpu, 'isSoftware'>,
  { ROWS, INNER, COLUMNS }: ProductSizes,
): ProductTile {
  const work = ROWS * INNER * COLUMNS;
  const tiles = (rows: number, columns: number) => Math.ceil(ROWS / rows) * Math.ceil(COLUMNS / columns);
  const { large, middle, small, block, blockIn4, blockIn16, blockIn64, staged } = productTiles;
  if (COLUMNS > STRIP && work >= LEAST_WORK) {
    const isWorth = (rows: number) => ROWS > rows / 2 && tiles(rows, STRIP) >= FEWEST_TILES;
    if (work >= LARGE_WORK && isSoftware && isWorth(8 * BLOCK)) return large;
    const isFilled = Math.min(ROWS, COLUMNS) >= STAGED_LEAST && tiles(64, 64) >= FEWEST_TILES;
    if (work >= LARGE_WORK && !isSoftware && isFilled) return staged;
    if (isWorth(4 * BLOCK)) return middle;
    if (isWorth(2 * BLOCK)) return small;
  }
  const slices = Math.min(FEW_BLOCKS / tiles(BLOCK, BLOCK), INNER / SLICE_FACTORS);
  if (slices >= 64) return blockIn64;
  if (slices >= 16) return blockIn16;
  return slices >= 4 ? blockIn4 : block;
}

/**
 * Tiles worth timing for a product, the likely best of them first. A processor has no memory of a workgroup close to it,
 * and the 32 × 8 sums of an invocation do not fit into the registers of a GPU. A device in compatibility mode has no
 * workgroups of 256.
 */
export function tilesToTry(
  gpu: Pick<Gpu, 'isSoftware'> & { device: { limits: Pick<GPUSupportedLimits, 'maxComputeInvocationsPerWorkgroup'> } },
  sizes: ProductSizes,
): ProductTile[] {
  const { large, middle, block, blockIn4, blockIn16, staged, stagedLarge } = productTiles;
  const likely = productTile(gpu, sizes);
  const inTiles = gpu.isSoftware ? [large, middle] : [staged, stagedLarge, middle];
  const others = inTiles.includes(likely) ? inTiles : [block, blockIn4, blockIn16];
  const { maxComputeInvocationsPerWorkgroup: mostThreads } = gpu.device.limits;
  return [likely, ...others.filter((tile) => tile !== likely && tile.threads <= mostThreads)];
}
