import { createProjectServer } from '../../headless/server.ts';
import type * as Bench from '../bench.ts';

/** Measures in this process, on the GPU that Dawn finds. @param interruption ends it early when it rejects */
export async function benchInNode(
  settings: Bench.BenchSettings,
  listener: Bench.BenchListener,
  interruption: Promise<never>,
): Promise<Bench.Measured & { environment: string }> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  // Newer Nodes have a navigator of their own, which has no GPU.
  const navigator = { gpu: create([]) };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const server = await createProjectServer();
  try {
    const { bench } = (await server.ssrLoadModule('/bench/bench.ts')) as typeof Bench;
    const measured = await Promise.race([bench(settings, [], listener), interruption]);
    return { ...measured, environment: `Node ${process.versions.node} with Dawn` };
  } finally {
    await server.close();
  }
}
