import { UnsupportedError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { PRECISIONS, type Precision } from '../../shaders/precision.ts';
import { oneOf } from '../../runtime/options.ts';

/** @throws ValueError if there is no such precision; UnsupportedError if the device has no half precision */
export function supportedPrecision(where: string, gpu: Gpu, value: unknown = 'float32'): Precision {
  const precision = oneOf(where, 'precision', value, PRECISIONS);
  if (precision === 'float32' || gpu.hasFloat16) return precision;
  throw new UnsupportedError(
    `${where}: precision is "${precision}", which needs the WebGPU feature "shader-f16", and this device (` +
      `${gpu.adapterName}) does not have it. Leave precision out for float32, or use a GPU that has the feature: ` +
      `requestGpu() asks for it where it is; a device of your own needs requiredFeatures: ['shader-f16'].`,
  );
}
