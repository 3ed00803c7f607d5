import { UnsupportedError } from './errors.ts';

/** The part of Node's `process` that is used here, declared by hand since pages have neither its types nor `node:` imports. */
interface Node {
  /** Exists since Node 20.16. */
  getBuiltinModule?: (name: 'node:module') => { createRequire(from: string): NodeRequire };
}

interface NodeRequire {
  (name: string): unknown;
  /** Returns the file of a package, and throws where that is not installed. */
  resolve(name: string): string;
}

/** The npm package `webgpu`, Chrome's WebGPU for Node. */
interface WebgpuPackage {
  create(flags: string[]): GPU;
}

/** Dawn's instance, referenced for as long as the process lives: Dawn crashes when it is garbage-collected. */
let instance: GPU | undefined;

/** Whether this is Node, or Bun, which acts as Node. Deno also has `process`, but a WebGPU of its own. */
export function isNode(): boolean {
  const { process: node, Deno: deno } = globalThis as { process?: Node; Deno?: unknown };
  return node?.getBuiltinModule !== undefined && deno === undefined;
}

/**
 * WebGPU in Node, from the npm package `webgpu`; `undefined` where that is not installed.
 *
 * @throws UnsupportedError if it is installed and does not load
 */
export function nodeGpu(): GPU | undefined {
  if (instance || !isNode()) return instance;
  const { process: node } = globalThis as unknown as { process: Required<Node> };
  let require: NodeRequire;
  try {
    require = node.getBuiltinModule('node:module').createRequire(import.meta.url);
    require.resolve('webgpu');
  } catch {
    return undefined;
  }
  try {
    instance = (require('webgpu') as WebgpuPackage).create([]);
  } catch (cause) {
    throw new UnsupportedError(
      `requestGpu: the package webgpu is installed and does not load: ${(cause as Error).message}. Install it anew, or pass ` +
        `your own device: requestGpu({ device }).`,
      { cause },
    );
  }
  return instance;
}
