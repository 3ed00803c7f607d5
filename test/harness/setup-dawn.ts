import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
// Newer Nodes have a navigator of their own, which has no GPU.
Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
