import { create, globals } from 'webgpu';

// Test files that share a process share its WebGPU. Newer Nodes have a navigator of their own, which has no GPU.
if (!globalThis.navigator?.gpu) {
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
}
