import type { Gpu } from '../../runtime/gpu.ts';
import type { Loading } from '../../shaders/quads.ts';

/**
 * The ways to load values that neighbouring invocations need too, the likely fastest first. A CPU executes a load once per
 * thread, so sharing loads in a quad saves three of four. A GPU serves all threads that read the same address at once, so
 * quads are the less likely there; a phone, which compiles slowly, is spared them.
 */
export function loadings({ device, adapterClass }: Pick<Gpu, 'device' | 'adapterClass'>): readonly Loading[] {
  if (!device.features.has('subgroups') || adapterClass === 'phone') return ['alone'];
  return adapterClass === 'software' ? ['quads'] : ['alone', 'quads'];
}
