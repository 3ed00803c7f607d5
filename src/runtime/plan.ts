import type { ArrayBytes } from './array-lengths.ts';
import { LimitError } from './errors.ts';
import { FRAME_BYTES, type Frames } from './frames.ts';
import { generalVariantOf } from './generalize.ts';
import type { Gpu } from './gpu.ts';
import type { Constants, Grid, KernelContract } from './kernel.ts';
import type { SizesTable } from './sizes-table.ts';
import type { NumbersStruct } from './struct.ts';
import type { Tensor } from './tensor.ts';

/** The frame that a dispatch is bound to: a fixed one, or without `index` the one that has the number of the replay. */
export interface FrameBinding {
  frames: Frames;
  index?: number;
}

/** Makes frames with fixed contents: one for each record of the struct's fields. */
export type MakeFrames = <F extends string>(
  struct: NumbersStruct<F>,
  list: readonly Readonly<Record<NoInfer<F>, number>>[],
) => FrameBinding[];

/** The resource of a binding: a tensor, or one frame as a uniform. */
type Bound = Tensor | FrameBinding;

/** A kernel's override constants, and the grid that covers the work with them. */
export interface Variant {
  constants: Constants;
  grid: Grid;
}

/** A form in which a dispatch can run. */
interface Executable extends Variant {
  kernel: KernelContract;
  /** Sizes of the bindings that the kernel declares as fixed-size arrays. */
  bytes: ArrayBytes;
  /** The numbers that a general kernel reads as a uniform. */
  sizes?: readonly number[];
  bindGroup?: GPUBindGroup;
}

interface Dispatch {
  optimized: Executable;
  /** Runs until the optimized kernel has compiled; absent if there is none that compiles sooner. */
  baseline?: Executable;
  /** The resources in the order in which the kernel declares its bindings. */
  bindings: readonly Bound[];
  frame?: FrameBinding;
  /** The form that replays encode; exists once the plan is ready. */
  compiled?: { pipeline: GPUComputePipeline; bindGroup: GPUBindGroup; grid: Grid };
}

/**
 * A list of dispatches that is recorded once and replayed many times. Recording takes no GPU memory: `ready` makes the bind
 * groups and compiles the kernels. A replay only encodes.
 */
export class Plan {
  readonly #dispatches: Dispatch[] = [];
  /** Dispatches that run their baseline, and whose optimized kernels are not being compiled yet. */
  #onBaseline: readonly Dispatch[] = [];

  /** @param sizes memory for the sizes of general kernels, which then serve as baselines */
  constructor(
    readonly gpu: Gpu,
    private readonly sizes?: SizesTable,
  ) {}

  /** How many dispatches one replay encodes. */
  get length(): number {
    return this.#dispatches.length;
  }

  /**
   * Appends a dispatch; `ready` must have settled before the first replay.
   *
   * @param baseline a variant of the kernel with the same bindings and bit-identical results that compiles sooner: like the
   * baseline tier of a just-in-time compiler it runs until the dispatch's own has compiled in the background
   */
  add<B extends string, C extends string>(
    kernel: KernelContract<B, C>,
    bindings: Record<NoInfer<B>, Bound>,
    constants: Constants<NoInfer<C>>,
    grid: Grid = kernel.grid(constants),
    baseline?: Variant,
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
    const bound = (Object.keys(kernel.bindings) as B[]).map((name) => bindings[name]);
    const frame = bound.find((binding): binding is FrameBinding => 'frames' in binding);
    const optimized = { kernel: contract, constants, grid, bytes: fixedBytes(contract, bound) };
    const general = this.sizes && generalVariantOf(contract, baseline ?? optimized, this.gpu.device.limits);
    const baselineForm = general ? { ...general, bytes: {} } : baseline && { ...optimized, ...baseline };
    const fits = baselineForm?.grid.every((groups) => groups <= limit);
    this.#dispatches.push({ optimized, baseline: fits ? baselineForm : undefined, bindings: bound, frame });
  }

  /**
   * Makes the bind groups, and allocates the memory that they bind. `ready` does this unless it was done before. Those of
   * kernels that compile in the background are made too, since the memory may have been freed when they have compiled, and
   * wgpu, the WebGPU of Firefox and Deno, refuses to bind freed memory.
   */
  bind(): void {
    for (const dispatch of this.#dispatches) {
      this.#bindGroup(dispatch, dispatch.optimized);
      this.#bindGroup(dispatch, this.#initialForm(dispatch));
    }
  }

  /** Settles when replays can run: every kernel, or its baseline, has compiled. @throws ShaderError (as a rejection) */
  async ready(): Promise<void> {
    this.bind();
    const initialForms = this.#dispatches.map((dispatch) => [dispatch, this.#initialForm(dispatch)] as const);
    await Promise.all(initialForms.map(([dispatch, form]) => this.#compile(dispatch, form)));
    this.#onBaseline = initialForms.flatMap(([dispatch, form]) => (form === dispatch.optimized ? [] : [dispatch]));
  }

  /** Settles when every kernel has compiled, none of them as a baseline. @throws ShaderError (as a rejection) */
  async optimized(): Promise<void> {
    await Promise.all(this.#dispatches.map((dispatch) => this.#compile(dispatch, dispatch.optimized)));
  }

  /** The form in which a dispatch runs at first. */
  #initialForm({ optimized, baseline }: Dispatch): Executable {
    return baseline && !this.#isCompiled(optimized) ? baseline : optimized;
  }

  async #compile(dispatch: Dispatch, executable: Executable): Promise<void> {
    const { kernel, constants, bytes, grid } = executable;
    const bindGroup = this.#bindGroup(dispatch, executable);
    const pipeline = await this.gpu.pipelines.pipeline(kernel, constants, bytes);
    dispatch.compiled = { pipeline, bindGroup, grid };
  }

  #bindGroup({ bindings }: Dispatch, executable: Executable): GPUBindGroup {
    if (executable.bindGroup) return executable.bindGroup;
    const { kernel, sizes } = executable;
    const resources = bindings.map(resource);
    if (sizes) resources.push(this.sizes!.binding(sizes));
    executable.bindGroup = this.gpu.device.createBindGroup({
      label: kernel.name,
      layout: this.gpu.pipelines.bindGroupLayout(kernel),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    return executable.bindGroup;
  }

  /**
   * Compiles the optimized kernels of dispatches that run their baselines, once the replays encoded so far have run, which
   * compiling at the same time would slow down. Later replays take what has compiled. Does nothing the second time.
   */
  optimizeInBackground(): void {
    if (this.#onBaseline.length === 0) return;
    const onBaseline = this.#onBaseline;
    this.#onBaseline = [];
    const compile = async () => {
      await this.gpu.settled();
      await Promise.all(onBaseline.map((dispatch) => this.#compile(dispatch, dispatch.optimized)));
    };
    // The caller submits the replay before a microtask runs. Nobody waits for the optimized kernels, and their errors are
    // ignored, since results are the same without them.
    queueMicrotask(() => void compile().catch(() => {}));
  }

  #isCompiled({ kernel, constants, bytes }: Executable): boolean {
    return this.gpu.pipelines.isCompiled(kernel, constants, bytes);
  }

  /** Encodes replay `index` into a pass: it picks the frame of every dispatch that takes one a replay. */
  encode(pass: GPUComputePassEncoder, index: number): void {
    let current: GPUComputePipeline | undefined;
    for (const { compiled, frame } of this.#dispatches) {
      const { pipeline, bindGroup, grid } = compiled!;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      if (frame) pass.setBindGroup(0, bindGroup, frame.frames.offsets, frame.index ?? index, 1);
      else pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
  }
}

/** The sizes in bytes of the bindings that the kernel declares as fixed-size arrays. */
function fixedBytes({ bindings, fixedLengths = [] }: KernelContract, bound: readonly Bound[]): ArrayBytes {
  const isFixed = (name: string) => fixedLengths === 'all' || fixedLengths.includes(name);
  const fixed = Object.entries(bindings).flatMap(([name, use], n) =>
    use !== 'frame' && isFixed(name) ? [[name, byteLength(bound[n])] as const] : [],
  );
  return Object.fromEntries(fixed);
}

const byteLength = (bound: Bound): number => ('frames' in bound ? FRAME_BYTES : bound.byteLength);

function resource(binding: Bound): Required<GPUBufferBinding> {
  return 'frames' in binding ? { buffer: binding.frames.buffer, offset: 0, size: FRAME_BYTES } : binding.binding;
}
