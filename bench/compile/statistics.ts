/** What the compiler tells of a kernel. */
export interface Statistics {
  /** Invocations that run in lockstep: a wave. */
  waveSize: number;
  /** Vector registers of an invocation. */
  registers: number;
  /** Those for which there was no room, so that they lie in memory. */
  spilled: number;
  /** Bytes of memory that a wave takes for what spilled, and for arrays that are indexed by a variable. */
  scratch: number;
  /** Bytes of workgroup memory. */
  workgroupMemory: number;
  /** Waves that a SIMD unit has room for at once: while one waits for memory, others run. */
  waves: number;
  instructions: number;
}

/** A kernel, compiled for its constants. */
export interface CompiledKernel {
  kernel: string;
  /** WGSL extensions in use: `'f16'` if it is stored in half precision, `'subgroups'` if loads are shared in quads. */
  extensions: string[];
  /** Override constants, and the bytes of arrays that it was compiled for. */
  constants: Record<string, number>;
  statistics: Statistics;
}

/** The names under which Mesa's driver for AMD cards reports them. */
const NAMES = {
  waveSize: 'Subgroup size',
  registers: 'VGPRs',
  spilled: 'Spilled VGPRs',
  scratch: 'Scratch size',
  workgroupMemory: 'LDS size',
  waves: 'Subgroups per SIMD',
  instructions: 'Instructions',
} as const satisfies Record<keyof Statistics, string>;

/** @param line of the log that `compile-only.c` writes @throws if something is missing in it */
export function statisticsOf(line: string): Statistics {
  const reported = JSON.parse(line) as Record<string, number | undefined>;
  const entries = Object.entries(NAMES).map(([key, name]) => {
    const value = reported[name];
    if (value === undefined)
      throw new Error(`The driver reports no "${name}", but ${Object.keys(reported).join(', ')}.`);
    return [key, value] as const;
  });
  return Object.fromEntries(entries) as unknown as Statistics;
}

/** Whether some of a kernel's values lie in memory instead of registers. */
export function usesMemory({ spilled, scratch }: Statistics): boolean {
  return spilled > 0 || scratch > 0;
}
