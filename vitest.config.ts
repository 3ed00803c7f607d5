import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { NOT_CLAMPED } from './test/harness/not-clamped.ts';
import { puppeteerProvider } from './test/harness/puppeteer-provider.ts';
import { TallyReporter } from './test/harness/tally-reporter.ts';

/** Vitest's default would leave one of two cores idle; a browser, Deno or a build each keep little more than one core busy. */
const WORKERS = Math.max(2, Math.floor(availableParallelism() / 2));

/** Tests that run in a Chrome which clamps indices; those of models and files run in one that does not. */
const KERNEL_TESTS = ['test/gpu/*.test.ts', 'test/gpu/{debugging,kernels,runtime}/**/*.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', new TallyReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/harness/setup-worst-errors.ts'],
          sequence: { groupOrder: 0 },
          // Starting a process and reading the source anew took half of the processor time of the tests.
          isolate: false,
          restoreMocks: true,
          unstubGlobals: true,
          maxWorkers: WORKERS,
          testTimeout: 60_000,
        },
      },
      {
        // The tests and all they import are served as they are: a dependency found late would reload the page mid-test.
        // TensorFlow.js, the peer of some, is bundled beforehand: its parts must share one core, and need CommonJS. So is
        // fast-check, which has hundreds of files.
        optimizeDeps: {
          noDiscovery: true,
          include: [
            '@tensorflow/tfjs-backend-cpu',
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops',
            '@tensorflow/tfjs-layers',
            'fast-check',
          ],
        },
        test: {
          name: 'gpu',
          include: ['test/gpu/**/*.test.ts'],
          setupFiles: ['test/harness/setup-gpu.ts', 'test/harness/setup-worst-errors.ts'],
          sequence: { groupOrder: 1 },
          // The files that run in one browser share its page, and so the modules it has loaded and the kernels it has compiled.
          isolate: false,
          restoreMocks: true,
          unstubGlobals: true,
          maxWorkers: WORKERS,
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            provider: puppeteerProvider(),
            instances: [
              { browser: 'chrome', name: 'gpu (chrome)', include: KERNEL_TESTS },
              {
                browser: 'chrome',
                name: 'gpu (chrome, indices not clamped)',
                include: ['test/gpu/**/*.test.ts'],
                exclude: KERNEL_TESTS,
                provider: puppeteerProvider(NOT_CLAMPED),
              },
            ],
            api: { host: '127.0.0.1' },
            connectTimeout: 120_000,
            screenshotFailures: false,
            ui: false,
          },
        },
      },
      {
        // Deno runs beside the browsers, since alone it would keep one core busy for some minutes.
        test: {
          name: 'deno',
          include: ['test/deno/**/*.test.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/harness/setup-e2e.ts',
          sequence: { groupOrder: 2 },
          // The files of one worker share what they import, Puppeteer above all.
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
