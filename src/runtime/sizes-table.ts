import { BUFFER_USAGE } from './flags.ts';
import { FRAME_BYTES } from './frames.ts';
import type { Gpu } from './gpu.ts';

/** How many sets of sizes a page holds. */
const PAGE = 16;

/** Sets of sizes on the GPU, from which general kernels read them as uniforms. Equal sets share their memory. */
export class SizesTable {
  readonly #pages: GPUBuffer[] = [];
  readonly #bindings = new Map<string, Required<GPUBufferBinding>>();

  constructor(private readonly gpu: Gpu) {}

  binding(sizes: readonly number[]): Required<GPUBufferBinding> {
    const key = sizes.join();
    let binding = this.#bindings.get(key);
    if (!binding) {
      binding = this.#add(sizes);
      this.#bindings.set(key, binding);
    }
    return binding;
  }

  get byteLength(): number {
    return this.#pages.length * PAGE * FRAME_BYTES;
  }

  dispose(): void {
    for (const page of this.#pages) page.destroy();
  }

  #add(sizes: readonly number[]): Required<GPUBufferBinding> {
    const { device } = this.gpu;
    const index = this.#bindings.size % PAGE;
    if (index === 0) {
      const usage = BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST;
      this.#pages.push(device.createBuffer({ label: 'sizes', size: PAGE * FRAME_BYTES, usage }));
    }
    const buffer = this.#pages.at(-1)!;
    const words = Uint32Array.from(sizes);
    const offset = index * FRAME_BYTES;
    device.queue.writeBuffer(buffer, offset, words);
    return { buffer, offset, size: words.byteLength };
  }
}
