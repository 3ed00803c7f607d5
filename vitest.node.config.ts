import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/harness/tally-reporter.ts';

// The GPU tests in Node, over Dawn: on GPUs that no headless Chrome takes, and with features that it lacks there.
export default defineConfig({
  test: {
    name: 'node',
    reporters: ['default', new TallyReporter()],
    include: ['test/gpu/**/*.test.ts'],
    setupFiles: ['dawn', 'gpu', 'worst-errors'].map((name) => `test/harness/setup-${name}.ts`),
    // Two test files on one GPU would disturb each other's timings and memory.
    fileParallelism: false,
    // A driver that stands in for a GPU may compile a kernel for half a minute.
    testTimeout: 600_000,
  },
});
