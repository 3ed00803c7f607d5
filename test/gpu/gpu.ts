import { afterAll } from 'vitest';
import { requestGpu } from '../../src/runtime/gpu.ts';

/** The GPU of the running test file. It chooses by rule, so that a test runs the same kernels each time. */
export const gpu = await requestGpu({ tuning: 'off' });

afterAll(() => gpu.dispose());
