import type { Gpu } from '../../runtime/gpu.ts';
import type { Loading } from '../../shaders/quads.ts';

/** Up to here a subgroup is a vector of a processor that stands in for a GPU. */
const PROCESSOR_SUBGROUP = 8;

/** Whether the GPU is a processor in truth. */
export function isProcessor({ device }: Gpu): boolean {
  return device.adapterInfo.subgroupMaxSize <= PROCESSOR_SUBGROUP;
}

/**
 * Who can load what neighbours need as well, the likely best first. A processor loads thread by thread, so that what a
 * quad shares costs a quarter; a GPU serves all threads that read the same at once.
 */
export function loadings(gpu: Gpu): readonly Loading[] {
  if (!gpu.device.features.has('subgroups')) return ['alone'];
  return isProcessor(gpu) ? ['quads'] : ['alone', 'quads'];
}
