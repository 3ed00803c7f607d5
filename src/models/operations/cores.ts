import type { AdapterClass } from '../../runtime/adapter.ts';

/**
 * About how many cores a GPU of a class has, each of which runs a workgroup of 256 threads at full speed: multiprocessors,
 * compute units and the like, between those of small and of large ones. WebGPU does not tell their number.
 */
export const GPU_CORES = { discrete: 64, integrated: 16, phone: 6, software: undefined } as const satisfies Record<
  AdapterClass,
  number | undefined
>;
