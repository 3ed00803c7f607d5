import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The benchmark has Dawn among its packages, Chrome's WebGPU for Node. It is no dependency of the tests that all run.
const { resolve } = createRequire(new URL('../../bench/package.json', import.meta.url));

/** @throws with what to install */
function dawnUrl(): string {
  try {
    return pathToFileURL(resolve('webgpu')).href;
  } catch (cause) {
    throw new Error('The tests in Node need Dawn, which is not installed: npm --prefix bench ci', { cause });
  }
}

const { create, globals } = (await import(/* @vite-ignore */ dawnUrl())) as {
  create: (options: string[]) => GPU;
  globals: object;
};
Object.assign(globalThis, globals);
// Newer Nodes have a navigator of their own, which has no GPU.
Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
