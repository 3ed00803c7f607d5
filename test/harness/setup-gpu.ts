import { afterAll, afterEach } from 'vitest';
import { takeGpuErrors, watchEveryDevice } from './gpu-errors.ts';

// WebGPU reports an invalid call to the device, not to the caller: without this a test could pass on work never done.
watchEveryDevice();
afterEach(failOnGpuErrors);
afterAll(failOnGpuErrors);

async function failOnGpuErrors(): Promise<void> {
  const errors = await takeGpuErrors();
  if (errors.length > 0) throw new Error(`The GPU reported what no code handled:\n${errors.join('\n')}`);
}
