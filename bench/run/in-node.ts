import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Complaint } from '../../headless/complaint.ts';
import { createProjectServer } from '../../headless/server.ts';
import type * as Bench from '../bench.ts';

const NO_GPU =
  '--node: Dawn finds no GPU here. On Linux it needs libvulkan.so.1 and the Vulkan driver of the GPU. Without --node the ' +
  'benchmark runs in a headless Chrome, which brings a software GPU.';

/** Garbage collection has to be asked for before V8 lets scripts ask for it. */
async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

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
  if (!(await navigator.gpu.requestAdapter())) throw new Complaint(NO_GPU);
  const server = await createProjectServer();
  try {
    const { bench } = (await server.ssrLoadModule('/bench/bench.ts')) as typeof Bench;
    const measured = await Promise.race([bench(settings, { peers: [], heapBytes }, listener), interruption]);
    return { ...measured, environment: `Node ${process.versions.node} with Dawn` };
  } finally {
    await server.close();
  }
}
