/** Sizes of a model and of its batch, as constants of the resident kernel. */
export interface ResidentSizes {
  ROWS: number;
  STEPS: number;
  INPUTS: number;
  UNITS: number;
  OUTPUTS: number;
}

/** How models, units and weights are divided among the threads of a workgroup; each field is a constant of the kernel. */
export interface Partition {
  MODELS_PER_WORKGROUP: number;
  /** Threads that have units of their own, which only threads of the same lane share. */
  UNIT_LANES: number;
  /** Threads that share a unit. */
  SPLITS: number;
  UNITS_PER_THREAD: number;
  /** Elements of the concatenated input [x, 1, h] whose weights a thread has, for each of its units. */
  XH_PER_THREAD: number;
  /** Vectors of four weights of the dense head that a thread has. */
  HEAD_VECTORS_PER_THREAD: number;
  /** Partial sums of dh that a thread adds up, each over some of its units. */
  PARTIALS_PER_THREAD: number;
  /** Units whose dh threads exchange as partial sums: all, or 0 where threads share units or there is a single step. */
  EXCHANGED_UNITS: number;
}

/** The constants that the WGSL derives from the sizes, by the same formulas. */
export function derivedFromSizes({ ROWS, INPUTS, UNITS, OUTPUTS }: ResidentSizes) {
  return { XH_SIZE: INPUTS + 1 + UNITS, CELLS: ROWS * UNITS, HEAD_WEIGHTS: (UNITS + 1) * OUTPUTS };
}

/** The constants that the WGSL derives from the partition, by the same formulas. */
export function derivedFromPartition(partition: Partition) {
  const { UNIT_LANES, SPLITS, UNITS_PER_THREAD, XH_PER_THREAD, HEAD_VECTORS_PER_THREAD, PARTIALS_PER_THREAD } =
    partition;
  return {
    PARTIALS: UNIT_LANES * SPLITS * PARTIALS_PER_THREAD,
    OWN: UNITS_PER_THREAD * XH_PER_THREAD + HEAD_VECTORS_PER_THREAD,
  };
}

/** dh is reduced over this many partial sums by up to as many threads, so that 1, 2 and 4 threads give identical bits. */
const FIXED_PARTIALS = 4;

/** The partition of one model among at most `threads` threads. */
export function partitionAmong(threads: number, sizes: ResidentSizes): Partition {
  const { STEPS, UNITS } = sizes;
  const { XH_SIZE, HEAD_WEIGHTS } = derivedFromSizes(sizes);
  const lanes = Math.min(threads, UNITS);
  const splits = Math.min(Math.floor(threads / lanes), XH_SIZE);
  return {
    MODELS_PER_WORKGROUP: 1,
    UNIT_LANES: lanes,
    SPLITS: splits,
    UNITS_PER_THREAD: Math.ceil(UNITS / lanes),
    XH_PER_THREAD: Math.ceil(XH_SIZE / splits),
    HEAD_VECTORS_PER_THREAD: Math.ceil(HEAD_WEIGHTS / (4 * lanes * splits)),
    PARTIALS_PER_THREAD: Math.max(1, Math.floor(FIXED_PARTIALS / lanes)),
    EXCHANGED_UNITS: splits === 1 && STEPS > 1 ? UNITS : 0,
  };
}
