import type { ArrayBytes } from './array-lengths.ts';
import { LimitError } from './errors.ts';
import { FRAME_BYTES, type Frames } from './frames.ts';
import type { Gpu } from './gpu.ts';
import type { Constants, Grid, KernelContract } from './kernel.ts';
import type { Tensor } from './tensor.ts';

/** A frame fixed when the dispatch is recorded, or, without `index`, the one of the replay. */
export interface FrameBinding {
  frames: Frames;
  index?: number;
}

/** What a name is bound to: a tensor, all frames as storage, or one frame as a uniform. */
type Bound = Tensor | Frames | FrameBinding;

interface Dispatch {
  kernel: KernelContract;
  constants: Constants;
  /** There once the plan is ready. */
  pipeline?: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  /** Of the arrays for whose lengths the kernel is compiled. */
  bytes: ArrayBytes;
  grid: Grid;
  frame?: FrameBinding;
}

/**
 * A list of dispatches, built once and replayed many times. Bind groups are made while it is built, and kernels compile
 * when it is to be ready; a replay only encodes.
 */
export class Plan {
  readonly #dispatches: Dispatch[] = [];

  constructor(readonly gpu: Gpu) {}

  /** How many dispatches one replay encodes. */
  get length(): number {
    return this.#dispatches.length;
  }

  /** Appends a dispatch; `ready` must have settled before the first replay. */
  add<B extends string, C extends string>(
    kernel: KernelContract<B, C>,
    bindings: Record<NoInfer<B>, Bound>,
    constants: Constants<NoInfer<C>>,
    grid: Grid = kernel.grid(constants),
  ): void {
    const limit = this.gpu.device.limits.maxComputeWorkgroupsPerDimension;
    if (grid.some((groups) => groups > limit)) {
      const share = limit / Math.max(...grid);
      throw new LimitError(
        `${kernel.name}: needs ${grid.join(' × ')} workgroups, and this device allows ${limit} each way ` +
          `(maxComputeWorkgroupsPerDimension). Work ${(1 / share).toPrecision(3)} times smaller would fit.`,
        share,
      );
    }
    const contract = kernel as unknown as KernelContract;
    const names = Object.keys(kernel.bindings) as B[];
    const frame = names.map((name) => bindings[name]).find((binding): binding is FrameBinding => 'frames' in binding);
    const resources = names.map((name) => resource(bindings[name]));
    const bindGroup = this.gpu.device.createBindGroup({
      label: kernel.name,
      layout: this.gpu.pipelines.bindGroupLayout(contract),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    const bytes = fixedBytes(contract, resources);
    this.#dispatches.push({ kernel: contract, constants, bindGroup, bytes, grid, frame });
  }

  /** Settles when every kernel has compiled. @throws ShaderError (as a rejection) */
  async ready(): Promise<void> {
    await Promise.all(
      this.#dispatches.map(async (dispatch) => {
        dispatch.pipeline = await this.gpu.pipelines.pipeline(dispatch.kernel, dispatch.constants, dispatch.bytes);
      }),
    );
  }

  /** Encodes replay `index` into a pass: it picks the frame of every dispatch that takes one a replay. */
  encode(pass: GPUComputePassEncoder, index: number): void {
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, grid, frame } of this.#dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline!);
      current = pipeline;
      if (frame) pass.setBindGroup(0, bindGroup, frame.frames.offsets, frame.index ?? index, 1);
      else pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
  }
}

/** How many bytes those arrays are bound to for whose lengths the kernel is compiled. */
function fixedBytes(
  { bindings, fixedLengths = [] }: KernelContract,
  resources: readonly { readonly size: number }[],
): ArrayBytes {
  const isFixed = (name: string) => fixedLengths === 'all' || fixedLengths.includes(name);
  const fixed = Object.entries(bindings).flatMap(([name, use], n) =>
    use !== 'frame' && isFixed(name) ? [[name, resources[n].size] as const] : [],
  );
  return Object.fromEntries(fixed);
}

function resource(binding: Bound): Required<GPUBufferBinding> {
  return 'frames' in binding ? { buffer: binding.frames.buffer, offset: 0, size: FRAME_BYTES } : binding.binding;
}
