import { defineConfig } from 'vitest/config';

/**
 * GPU tests that run in Deno too, on wgpu, the WebGPU of Firefox: every kind of kernel, layer, schedule, loss and optimizer.
 * `test/deno/gpu-tests.test.ts` runs them.
 */
const ON_WGPU = [
  'kernels/{activations,batches,contracts,dropout,generate-steps,losses,lstm-dropout,lstm-wavefront,metrics,nan,optimizers}',
  'kernels/{sequence-layers,step-weights}',
  'models/calls/predict-on-batch',
  // What wgpu tells of a device that is lost comes at other times and in other words.
  'models/calls/{disposed-in-a-run,lost-in-a-run}',
  'models/layers/{bidirectional,embedding}',
  'models/schedules/{alike,recurrent-models}',
  'runtime/gpu',
];

export default defineConfig({
  test: {
    name: 'deno',
    include: ON_WGPU.map((files) => `test/gpu/${files}.test.ts`),
    setupFiles: ['test/harness/setup-gpu.ts'],
    // Each file runs in a process of its own: one process for all of them takes two thirds of the time, but has hung in two
    // of five runs.
    isolate: true,
    restoreMocks: true,
    unstubGlobals: true,
    // Two test files on one GPU would disturb each other's timings and memory.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 120_000,
  },
});
