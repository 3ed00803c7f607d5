import { UnsupportedError } from './errors.ts';

/** What is needed of Node, whose types a page does not have; an import would trouble pages and bundlers. */
interface Node {
  /** Since 20.16. */
  getBuiltinModule?: (name: 'node:module') => { createRequire(from: string): NodeRequire };
}

interface NodeRequire {
  (name: string): unknown;
  /** The file of a package. Throws where that is not installed. */
  resolve(name: string): string;
}

/** The npm package `webgpu`, Chrome's WebGPU for Node. */
interface WebgpuPackage {
  create(flags: string[]): GPU;
}

/** Kept for as long as the process lives: Dawn crashes it when its instance is collected. */
let instance: GPU | undefined;

/** Whether this is Node, or Bun, which acts as Node. Deno has a WebGPU of its own. */
export function isNode(): boolean {
  const { process: node, Deno: deno } = globalThis as { process?: Node; Deno?: unknown };
  return node?.getBuiltinModule !== undefined && deno === undefined;
}

/**
 * WebGPU in Node, from the npm package `webgpu`; nothing where that is not installed.
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
