/**
 * How a kernel uses a binding. `frame` is a uniform struct out of `Frames`, picked by a dynamic offset; `uniform` holds the
 * sizes of a general kernel (`generalize.ts`); the others are storage buffers.
 */
export type BindingUse = 'read' | 'read-write' | 'frame' | 'uniform';

export type Constants<C extends string = string> = Record<C, number>;

/** Workgroups in x, y and z. */
export type Grid = readonly [x: number, y: number, z: number];

/** The texts of which a kernel's WGSL is made. */
export type KernelCode = Pick<KernelContract, 'source' | 'extensions' | 'preludes'>;

/** The texts in front of a kernel's own. */
export function headOf({ extensions = [], preludes = [] }: KernelCode): string[] {
  return [...extensions.map((name) => `enable ${name};`), ...preludes];
}

/** A kernel's whole WGSL, before it is specialized. */
export function sourceOf(kernel: KernelCode): string {
  return [...headOf(kernel), kernel.source].join('\n');
}

/**
 * The interface between a WGSL file and TypeScript. Names are spelled as in the shader: binding n of group 0 is the n-th key
 * of `bindings`, and every override constant is a name in `constants`.
 */
export interface KernelContract<B extends string = string, C extends string = string> {
  name: string;
  /** The WGSL text. */
  source: string;
  /** WGSL extensions that the source enables, such as `f16`. */
  extensions?: readonly string[];
  /** WGSL texts put in front of the source: functions and structs that kernels share. */
  preludes?: readonly string[];
  bindings: Record<B, BindingUse>;
  /**
   * Bindings declared as fixed-size arrays (`array-lengths.ts`): WebGPU bounds-checks every access, which is cheaper against a
   * compile-time constant than against the length of the buffer. Each length compiles anew, so this is for arrays that are
   * loaded often and come in few lengths: weights and states, but not data sets. Default: none.
   */
  fixedLengths?: 'all' | readonly NoInfer<B>[];
  /**
   * Whether the WGSL is specialized for its constants (`specialize.ts`), so that they can size private arrays and bound
   * unrolled loops. By default constants are set as pipeline overrides.
   */
  isSpecialized?: boolean;
  /** Override constants that every use of the kernel sets. */
  constants: readonly C[];
  /**
   * Constants that depend on the batch size or the number of steps, and others that cost little as data. A software adapter,
   * on which compiling takes long, runs a general variant of the kernel until a shape has run for a while: it reads them from a
   * uniform (`generalize.ts`).
   */
  sizes?: readonly NoInfer<C>[];
  /** Constants of the general variant in place of those that are chosen by the sizes, such as the threads of a workgroup. */
  generalConstants?(constants: Constants<C>, limits: GPUSupportedLimits): Partial<Constants<C>>;
  /** How many workgroups cover the work. */
  grid(constants: Constants<C>): Grid;
}

/** Declares a kernel; the names of its bindings and constants become types that `Plan.add` checks. */
export function defineKernel<const B extends string, const C extends string>(
  contract: KernelContract<B, C>,
): KernelContract<B, C> {
  return contract;
}

/** Threads in a workgroup of the kernels that give one invocation to each element (`prelude/grid.wgsl`). */
export const THREADS = 64;

/** The most threads of a workgroup that reduces a sum: a power of two, since the reduction halves their number. */
const SUM_THREADS = 256;

/**
 * How many threads reduce a sum of so many elements: a power of two, and fewer where the device's limits are lower. More
 * threads give the same bits, since those beyond the elements add zeros.
 */
export function sumThreads(
  elements: number,
  { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX }: GPUSupportedLimits,
): number {
  const most = Math.min(SUM_THREADS, maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  return Math.min(2 ** Math.floor(Math.log2(most)), 2 ** Math.ceil(Math.log2(elements)));
}

/** WebGPU's default `maxComputeWorkgroupsPerDimension`. */
const MAX_GROUPS = 65_535;

/** The grid with one invocation per element; it continues in y where x alone would exceed the device's limit. */
export function elementGrid(elements: number): Grid {
  const groups = Math.ceil(elements / THREADS);
  const rows = Math.max(1, Math.ceil(groups / MAX_GROUPS));
  return [Math.ceil(groups / rows), rows, 1];
}

/** The grid that covers a matrix with square tiles: x along the columns, y along the rows. */
export function tileGrid(rows: number, columns: number, tile: number): Grid {
  return [Math.ceil(columns / tile), Math.ceil(rows / tile), 1];
}

/** The constants of general kernels that reduce a sum: as many threads as are ever used. */
export function generalSumThreads(_: unknown, limits: GPUSupportedLimits): { THREADS: number } {
  return { THREADS: sumThreads(Infinity, limits) };
}
