import { requestGpu } from '../../src/runtime/gpu.ts';

/**
 * The GPU of all test files that share a page or a process, which ends with it: a kernel is compiled once for all of them.
 * It chooses by rule, so that a test runs the same kernels each time.
 */
export const gpu = await requestGpu({ tuning: 'off' });
