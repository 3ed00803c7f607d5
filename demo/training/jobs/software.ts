import type { Gpu } from '../../../src/index.ts';

/** Whether kernels run on the processor, where training many networks takes minutes: by the names of the drivers that do so. */
export function isSoftware({ adapterName, device }: Gpu): boolean {
  return device.adapterInfo?.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(adapterName);
}
