import { afterAll } from 'vitest';
import { requestGpu } from '../../src/runtime/gpu.ts';

/** The GPU of the running test file. */
export const gpu = await requestGpu();

afterAll(() => gpu.dispose());
