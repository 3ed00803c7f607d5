import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

/** Builds the pages of the demo and the modules of the library once for all files of the end-to-end tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'built-'));
  const [demo, library] = [join(folder, 'demo'), join(folder, 'library')];
  await build({ configFile: 'demo/vite.config.ts', logLevel: 'error', build: { outDir: demo } });
  for (const name of ['', '.generator', '.preprocessing', '.formats']) {
    await build({
      configFile: `vite${name}.config.ts`,
      logLevel: 'error',
      build: { outDir: library, emptyOutDir: false },
    });
  }
  project.provide('demoFolder', demo);
  project.provide('libraryFolder', library);
  return () => rm(folder, { recursive: true });
}

declare module 'vitest' {
  interface ProvidedContext {
    demoFolder: string;
    libraryFolder: string;
  }
}
