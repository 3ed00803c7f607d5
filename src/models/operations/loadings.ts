import type { Gpu } from '../../runtime/gpu.ts';
import type { Loading } from '../../shaders/quads.ts';

/**
 * Who can load what neighbours need as well, the likely best first. A processor loads thread by thread, so that what a
 * quad shares costs a quarter; a GPU serves all threads that read the same at once.
 */
export function loadings({ device, isSoftware }: Pick<Gpu, 'device' | 'isSoftware'>): readonly Loading[] {
  if (!device.features.has('subgroups')) return ['alone'];
  return isSoftware ? ['quads'] : ['alone', 'quads'];
}
