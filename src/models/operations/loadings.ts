import type { Gpu } from '../../runtime/gpu.ts';
import type { Loading } from '../../shaders/quads.ts';

/**
 * The ways to load values that neighbouring invocations need too, the likely fastest first. A CPU executes a load once per
 * thread, so sharing loads in a quad saves three of four; a GPU serves all threads that read the same address at once.
 */
export function loadings({ device, isSoftware }: Pick<Gpu, 'device' | 'isSoftware'>): readonly Loading[] {
  if (!device.features.has('subgroups')) return ['alone'];
  return isSoftware ? ['quads'] : ['alone', 'quads'];
}
