import type { Gpu } from '../../../runtime/gpu.ts';
import type { Constants } from '../../../runtime/kernel.ts';
import type { Plan } from '../../../runtime/plan.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { BLOCK, type BLOCK_CONSTANTS } from '../../../shaders/products/blocks.ts';
import type { LoadWidth } from '../../../shaders/products/load-width.ts';
import { productRegisterTiled, STRIP_BLOCKS } from '../../../shaders/products/product-register-tiled.ts';
import { productSplitK } from '../../../shaders/products/product-split-k.ts';
import { productWorkgroupTiled } from '../../../shaders/products/product-workgroup-tiled.ts';
import { QUAD } from '../../../shaders/quads.ts';
import { variantsOf } from '../../../shaders/variant.ts';
import { loadings } from '../loadings.ts';

export type ProductConstants = Constants<(typeof BLOCK_CONSTANTS)[number]>;

/** A candidate for a product: how its elements are divided among invocations. */
export interface ProductTile {
  readonly name: string;
  /** Upper bound of the invocations of a workgroup. */
  readonly threads: number;
  add(plan: Plan, bindings: Record<'a' | 'b' | 'out', Tensor>, constants: ProductConstants): void;
}

/** The M, K and N of a product: its rows, the terms summed for each element, and its columns. */
export type ProductSizes = Pick<ProductConstants, 'ROWS' | 'INNER' | 'COLUMNS'>;

/** Threads per workgroup of the tiles that do not use workgroup memory. */
const GROUP = 16;

/** The most threads per workgroup with split-K, whose partial sums take workgroup memory that has to be cleared first. */
const MAX_SPLIT_THREADS = 64;

/** Columns of a register tile. */
const STRIP = STRIP_BLOCKS * BLOCK;

/**
 * Strips of the baseline, the register tile that a software adapter runs until a larger one has compiled. SwiftShader compiles
 * it in 0.15 s, 4 strips in 0.3 s and 8 strips in 0.7 s. All add up every sum in the same order.
 */
const BASELINE_STRIPS = 2;

/** Each invocation accumulates a large tile in registers, which takes the fewest loads per multiply-add. */
const registerTile = (STRIPS: number): ProductTile => ({
  name: `${BLOCK * STRIPS} × ${STRIP} register-tiled`,
  threads: GROUP,
  add: (plan, bindings, constants) => {
    const [loading] = loadings(plan.gpu);
    const [rows, columns] = [constants.ROWS / (BLOCK * STRIPS), constants.COLUMNS / STRIP];
    // With rows in common a quad can share loads, and a GPU can keep their offsets in scalar registers.
    const isWide = loading === 'quads' || (!plan.gpu.isSoftware && columns >= GROUP);
    const workgroup = isWide ? wideGroup(rows, columns) : group(rows, columns);
    const kernel = productRegisterTiled[loadWidth(constants)][loading];
    const variant = (STRIPS: number) => ({ ...constants, ...workgroup, STRIPS });
    const baseline = { constants: variant(BASELINE_STRIPS), grid: kernel.grid(variant(BASELINE_STRIPS)) };
    const hasBaseline = plan.gpu.isSoftware && STRIPS > BASELINE_STRIPS;
    plan.add(kernel, bindings, variant(STRIPS), undefined, hasBaseline ? baseline : undefined);
  },
});

/** Each invocation accumulates a block of 4 × 4, or SPLITS invocations share the sums of one. */
const splitK = (SPLITS: number): ProductTile => ({
  name: SPLITS === 1 ? '4 × 4 blocks' : `4 × 4 blocks, split-K ${SPLITS}`,
  threads: MAX_SPLIT_THREADS,
  add: (plan, bindings, constants) => {
    const { ROWS, COLUMNS } = constants;
    const workgroup = group(ROWS / BLOCK, COLUMNS / BLOCK, Math.min(GROUP, MAX_SPLIT_THREADS / SPLITS));
    plan.add(productSplitK[loadWidth(constants)], bindings, { ...constants, ...workgroup, SPLITS });
  },
});

/** Each workgroup accumulates a tile, and loads its operands once into workgroup memory. */
const workgroupTile = (EDGE: number): ProductTile => ({
  name: `${2 * BLOCK * EDGE} × ${2 * BLOCK * EDGE} workgroup-tiled`,
  threads: EDGE ** 2,
  add: (plan, bindings, constants) => plan.add(productWorkgroupTiled, bindings, { ...constants, EDGE }),
});

/**
 * Width of the loads of a product: vectors of four where the elements of both matrices are contiguous and aligned, with none
 * past an edge. If a is column-major, quads permute the order along k, which a vector of b along k cannot follow.
 */
export function loadWidth(sizes: ProductConstants): LoadWidth {
  const { A_FIRST, A_ROW, A_COLUMN, B_FIRST, B_ROW, B_COLUMN, ROWS, INNER, COLUMNS, ADD_BIAS } = sizes;
  const areFours = (...numbers: number[]) => numbers.every((number) => number % BLOCK === 0);
  const a = A_COLUMN === 1 ? areFours(A_FIRST, A_ROW, INNER) : A_ROW === 1 && areFours(A_FIRST, A_COLUMN, ROWS);
  const b =
    B_COLUMN === 1
      ? areFours(B_FIRST, B_ROW, COLUMNS)
      : A_COLUMN === 1 && B_ROW === 1 && ADD_BIAS === 0 && areFours(B_FIRST, B_COLUMN, INNER);
  return a && b ? 'vectors' : 'scalars';
}

/** With fewer workgroups than this, cores may be idle. */
const MIN_GROUPS = 4;

/** Size of a workgroup whose invocations all have the same rows. */
function wideGroup(rows: number, columns: number): { WIDE: number; HIGH: number } {
  const inEachGroup = (Math.ceil(rows) * columns) / MIN_GROUPS;
  return { WIDE: Math.max(QUAD, Math.min(GROUP, powerOfTwo(columns), powerOfTwo(inEachGroup))), HIGH: 1 };
}

/** Size of a workgroup, as square as the rows and columns of tiles allow. */
function group(rows: number, columns: number, most = GROUP): { WIDE: number; HIGH: number } {
  const [high, wide] = [powerOfTwo(rows), powerOfTwo(columns)];
  const WIDE = Math.min(wide, most, Math.max(Math.sqrt(GROUP), most / high));
  return { WIDE, HIGH: Math.min(high, most / WIDE) };
}

/** Rounds up to a power of two, at least 1. */
const powerOfTwo = (least: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(least)));

/** All tiles. Each can compute every product; which is the fastest depends on the sizes and on the GPU. */
export const productTiles = {
  registerTile32: registerTile(8),
  registerTile16: registerTile(4),
  registerTile8: registerTile(2),
  block: splitK(1),
  splitK4: splitK(4),
  splitK16: splitK(16),
  splitK64: splitK(64),
  workgroupTile64: workgroupTile(8),
  workgroupTile128: workgroupTile(16),
} as const satisfies Record<string, ProductTile>;

/** The kernels of all tiles. */
export const PRODUCT_KERNELS = variantsOf(productRegisterTiled, productSplitK, productWorkgroupTiled);

/** With fewer tiles than this, cores are idle. */
const MIN_TILES = 16;

/** Multiply-adds from which register tiles, and from which the largest tiles, are worth compiling: their code is long. */
const MIN_WORK = 2 ** 17;
const LARGE_WORK = 2 ** 22;

/** Split-K pays below this number of blocks, with at least this number of terms of each sum per split. */
const FEW_BLOCKS = 64;
const SPLIT_FACTORS = 64;

/** The least rows and columns for which a workgroup tile of 64 × 64 is filled well enough. */
const MIN_WORKGROUP_TILE_SIDE = 33;

/** The tile that is likely the fastest for a shape, by a rule of thumb: the default where nothing was measured. */
export function productTile(
  { adapterClass }: Pick<Gpu, 'adapterClass'>,
  { ROWS, INNER, COLUMNS }: ProductSizes,
): ProductTile {
  const isSoftware = adapterClass === 'software';
  const work = ROWS * INNER * COLUMNS;
  const tiles = (rows: number, columns: number) => Math.ceil(ROWS / rows) * Math.ceil(COLUMNS / columns);
  const { registerTile32, registerTile16, registerTile8, block, splitK4, splitK16, splitK64, workgroupTile64 } =
    productTiles;
  if (COLUMNS > STRIP && work >= MIN_WORK && adapterClass !== 'phone') {
    const isWorth = (rows: number) => ROWS > rows / 2 && tiles(rows, STRIP) >= MIN_TILES;
    if (work >= LARGE_WORK && isSoftware && isWorth(8 * BLOCK)) return registerTile32;
    const isFilled = Math.min(ROWS, COLUMNS) >= MIN_WORKGROUP_TILE_SIDE && tiles(64, 64) >= MIN_TILES;
    if (work >= LARGE_WORK && !isSoftware && isFilled) return workgroupTile64;
    if (isSoftware && isWorth(4 * BLOCK)) return registerTile16;
    if (isWorth(2 * BLOCK)) return registerTile8;
  }
  // Code for split-K compiles in 0.37 s on SwiftShader, and that of a block in 0.05 s.
  if (isSoftware && work < MIN_WORK) return block;
  const splits = Math.min(FEW_BLOCKS / tiles(BLOCK, BLOCK), INNER / SPLIT_FACTORS);
  if (splits >= 64) return splitK64;
  if (splits >= 16) return splitK16;
  return splits >= 4 ? splitK4 : block;
}

/**
 * Tiles worth timing for a product, the likely best of them first. A CPU has no on-chip workgroup memory. On a GPU 32 × 8 sums
 * of an invocation do not fit into its registers, and 16 × 8 take all 256 of them, which leaves room for few waves (Mesa's
 * compiler for RDNA 2). A thread of a phone's Mali has 64 registers, as many as 8 × 8 sums alone (Arm, Mali Bifrost and Valhall
 * OpenCL Developer Guide, section 9.6). A device in compatibility mode has no workgroups of 256.
 */
export function tilesToTry(
  gpu: Pick<Gpu, 'adapterClass'> & {
    device: { limits: Pick<GPUSupportedLimits, 'maxComputeInvocationsPerWorkgroup'> };
  },
  sizes: ProductSizes,
): ProductTile[] {
  const { registerTile32, registerTile16, registerTile8, block, splitK4, splitK16, workgroupTile64, workgroupTile128 } =
    productTiles;
  const likely = productTile(gpu, sizes);
  const onCores = [workgroupTile64, workgroupTile128, registerTile8];
  const inTiles = {
    software: [registerTile32, registerTile16],
    discrete: onCores,
    integrated: onCores,
    phone: [block, registerTile8, workgroupTile64],
  }[gpu.adapterClass];
  const others = inTiles.includes(likely) && sizes.COLUMNS > STRIP ? inTiles : [block, splitK4, splitK16];
  const { maxComputeInvocationsPerWorkgroup: mostThreads } = gpu.device.limits;
  return [likely, ...others.filter((tile) => tile !== likely && tile.threads <= mostThreads)];
}
