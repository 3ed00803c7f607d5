import type { ArrayBytes } from './array-lengths.ts';
import { LimitError } from './errors.ts';
import { FRAME_BYTES, type Frames } from './frames.ts';
import type { Gpu } from './gpu.ts';
import type { Constants, Grid, KernelContract } from './kernel.ts';
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

/** The resource of a binding: a tensor, all frames as a storage buffer, or one frame as a uniform. */
type Bound = Tensor | Frames | FrameBinding;

/** A kernel's override constants, and the grid that covers the work with them. */
export interface Variant {
  constants: Constants;
  grid: Grid;
}

interface Dispatch extends Variant {
  kernel: KernelContract;
  /** See `Plan.add`. */
  baseline?: Variant;
  /** The resources in the order in which the kernel declares its bindings. */
  bindings: readonly Bound[];
  /** Exists once the plan is bound. */
  bindGroup?: GPUBindGroup;
  /** Sizes of the bindings that the kernel declares as fixed-size arrays. */
  bytes: ArrayBytes;
  frame?: FrameBinding;
  /** The pipeline that replays encode, with its grid; exists once the plan is ready. */
  compiled?: { pipeline: GPUComputePipeline; grid: Grid };
}

/**
 * A list of dispatches that is recorded once and replayed many times. Recording takes no GPU memory: `ready` makes the bind
 * groups and compiles the kernels. A replay only encodes.
 */
export class Plan {
  readonly #dispatches: Dispatch[] = [];
  /** Dispatches that run their baseline, and whose optimized kernels are not being compiled yet. */
  #onBaseline: readonly Dispatch[] = [];

  constructor(readonly gpu: Gpu) {}

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
    const names = Object.keys(kernel.bindings) as B[];
    const frame = names.map((name) => bindings[name]).find((binding): binding is FrameBinding => 'frames' in binding);
    const bound = names.map((name) => bindings[name]);
    const bytes = fixedBytes(contract, bound);
    const fits = baseline?.grid.every((groups) => groups <= limit);
    this.#dispatches.push({
      kernel: contract,
      constants,
      baseline: fits ? baseline : undefined,
      bindings: bound,
      bytes,
      grid,
      frame,
    });
  }

  /** Makes the bind groups, and allocates the memory that they bind. `ready` does this unless it was done before. */
  bind(): void {
    for (const dispatch of this.#dispatches) {
      dispatch.bindGroup ??= this.gpu.device.createBindGroup({
        label: dispatch.kernel.name,
        layout: this.gpu.pipelines.bindGroupLayout(dispatch.kernel),
        entries: dispatch.bindings.map((bound, binding) => ({ binding, resource: resource(bound) })),
      });
    }
  }

  /** Settles when replays can run: every kernel, or its baseline, has compiled. @throws ShaderError (as a rejection) */
  async ready(): Promise<void> {
    this.bind();
    const all = this.#dispatches;
    const onBaseline = all.filter((dispatch) => dispatch.baseline && !this.#isCompiled(dispatch));
    await Promise.all(
      all.map((dispatch) => this.#compile(dispatch, onBaseline.includes(dispatch) ? dispatch.baseline! : dispatch)),
    );
    this.#onBaseline = onBaseline;
  }

  /** Settles when every kernel has compiled, none of them as a baseline. @throws ShaderError (as a rejection) */
  async optimized(): Promise<void> {
    this.bind();
    await Promise.all(this.#dispatches.map((dispatch) => this.#compile(dispatch, dispatch)));
  }

  async #compile(dispatch: Dispatch, { constants, grid }: Variant): Promise<void> {
    const pipeline = await this.gpu.pipelines.pipeline(dispatch.kernel, constants, dispatch.bytes);
    dispatch.compiled = { pipeline, grid };
  }

  /** Compiles the optimized kernels after the first replay, which compiling at the same time would slow down. */
  #optimize(): void {
    const onBaseline = this.#onBaseline;
    this.#onBaseline = [];
    const compile = async () => {
      await this.gpu.settled();
      await Promise.all(onBaseline.map((dispatch) => this.#compile(dispatch, dispatch)));
    };
    // The caller submits the replay before a microtask runs. Nobody waits for the optimized kernels, and their errors are
    // ignored, since results are the same without them.
    queueMicrotask(() => void compile().catch(() => {}));
  }

  #isCompiled({ kernel, constants, bytes }: Dispatch): boolean {
    return this.gpu.pipelines.isCompiled(kernel, constants, bytes);
  }

  /** Encodes replay `index` into a pass: it picks the frame of every dispatch that takes one a replay. */
  encode(pass: GPUComputePassEncoder, index: number): void {
    if (this.#onBaseline.length > 0) this.#optimize();
    let current: GPUComputePipeline | undefined;
    for (const { compiled, bindGroup, frame } of this.#dispatches) {
      const { pipeline, grid } = compiled!;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      if (frame) pass.setBindGroup(0, bindGroup!, frame.frames.offsets, frame.index ?? index, 1);
      else pass.setBindGroup(0, bindGroup!);
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
