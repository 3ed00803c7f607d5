import { withLengths, type ArrayBytes } from './array-lengths.ts';
import { ShaderError } from './errors.ts';
import { COMPUTE_STAGE } from './flags.ts';
import { headOf, sourceOf, type BindingUse, type Constants, type KernelContract } from './kernel.ts';
import { specialized } from './specialize.ts';

const BUFFER_TYPES: Record<BindingUse, GPUBufferBindingLayout> = {
  read: { type: 'read-only-storage' },
  'read-write': { type: 'storage' },
  frame: { type: 'uniform', hasDynamicOffset: true },
  uniform: { type: 'uniform' },
};

interface CompiledKernel {
  number: number;
  bindGroupLayout: GPUBindGroupLayout;
}

/** The capacity of the cache: as many pipelines as about a hundred programs use. */
const MAX_PIPELINES = 4096;

/**
 * Compiles each kernel once for each set of override constants and fixed array lengths, without blocking the page. Plans hold
 * the pipelines that they use, so that the least recently used ones can be dropped here.
 */
export class PipelineCache {
  readonly #kernels = new Map<KernelContract, CompiledKernel>();
  /** From the least to the most recently used, by kernel, override constants and fixed array lengths (`#key`). */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** The keys of the pipelines that have finished compiling. */
  readonly #compiled = new Set<string>();
  #begun = 0;
  #ended = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly whyLost: (cause: unknown) => Promise<Error | undefined>,
    private readonly mostPipelines = MAX_PIPELINES,
  ) {}

  /** How many compilations have begun so far. */
  get begun(): number {
    return this.#begun;
  }

  /** How many of them have ended, well or not. */
  get ended(): number {
    return this.#ended;
  }

  bindGroupLayout(kernel: KernelContract): GPUBindGroupLayout {
    return this.#kernel(kernel).bindGroupLayout;
  }

  /** Whether `pipeline` would return a compiled one at once. */
  isCompiled(kernel: KernelContract, constants: Constants, bytes: ArrayBytes): boolean {
    return this.#compiled.has(this.#key(kernel, valuesOf(constants, bytes)));
  }

  /**
   * @param bytes the sizes of the bindings that the kernel declares as fixed-size arrays
   * @throws ShaderError (as a rejection) with file, line and column if the WGSL does not compile; DeviceLostError
   */
  pipeline(kernel: KernelContract, constants: Constants, bytes: ArrayBytes): Promise<GPUComputePipeline> {
    const values = valuesOf(constants, bytes);
    const key = this.#key(kernel, values);
    const pipeline = this.#pipelines.get(key) ?? this.#compile(kernel, constants, bytes, `${kernel.name} ${values}`);
    this.#pipelines.delete(key);
    this.#pipelines.set(key, pipeline);
    pipeline.then(
      () => {
        if (this.#pipelines.get(key) === pipeline) this.#compiled.add(key);
      },
      () => {
        // A failure may be temporary, so the next plan compiles the kernel again.
        if (this.#pipelines.get(key) === pipeline) this.#pipelines.delete(key);
      },
    );
    if (this.#pipelines.size > this.mostPipelines) this.#forget(this.#pipelines.keys().next().value!);
    return pipeline;
  }

  #forget(key: string): void {
    this.#pipelines.delete(key);
    this.#compiled.delete(key);
  }

  /** Kernels that differ in precision or loading share a name, so that a number tells them apart. */
  #key(kernel: KernelContract, values: string): string {
    return `${this.#kernel(kernel).number} ${values}`;
  }

  async #compile(
    kernel: KernelContract,
    constants: Constants,
    bytes: ArrayBytes,
    label: string,
  ): Promise<GPUComputePipeline> {
    const text = withLengths(sourceOf(kernel), bytes);
    const code = kernel.isSpecialized ? specialized(text, constants) : text;
    // Errors in the WGSL are reported below, with file, line and column, when making the pipeline fails; this error scope
    // keeps them from being reported twice.
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label: kernel.name, code });
    this.device.popErrorScope().catch(() => {});
    // Each pipeline has a layout of its own: with a shared one, wgpu, the WebGPU of Firefox and Deno, holds buffers against
    // the array lengths of the pipeline that was set before (https://github.com/gfx-rs/wgpu/issues/7359).
    const bindGroupLayouts = [this.#kernel(kernel).bindGroupLayout];
    const layout = this.device.createPipelineLayout({ label, bindGroupLayouts });
    this.#begun++;
    try {
      return await this.device.createComputePipelineAsync({
        label,
        layout,
        compute: { module, entryPoint: 'main', constants: kernel.isSpecialized ? {} : constants },
      });
    } catch (cause) {
      const lost = await this.whyLost(cause);
      throw lost ?? new ShaderError(`${label}: ${await compilationErrors(kernel, module, cause)}`, { cause });
    } finally {
      this.#ended++;
    }
  }

  #kernel(kernel: KernelContract): CompiledKernel {
    let compiled = this.#kernels.get(kernel);
    if (!compiled) {
      const { name: label } = kernel;
      const bindGroupLayout = this.device.createBindGroupLayout({
        label,
        entries: Object.values(kernel.bindings).map((use, binding) => ({
          binding,
          visibility: COMPUTE_STAGE,
          buffer: BUFFER_TYPES[use],
        })),
      });
      compiled = { number: this.#kernels.size, bindGroupLayout };
      this.#kernels.set(kernel, compiled);
    }
    return compiled;
  }
}

/** Override constants and fixed array lengths as a text, for keys and labels. */
const valuesOf = (constants: Constants, bytes: ArrayBytes): string => JSON.stringify({ ...constants, ...bytes });

/** The compiler's messages with the line as it is in the kernel's own file; the rejected promise does not carry them. */
async function compilationErrors(kernel: KernelContract, module: GPUShaderModule, cause: unknown): Promise<string> {
  const texts = headOf(kernel);
  const preludeLines = texts.join('\n').split('\n').length;
  const { messages } = await module.getCompilationInfo();
  const errors = messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => {
      const own = texts.length > 0 ? lineNum - preludeLines : lineNum;
      const place =
        own > 0 ? `${kernel.name}.wgsl:${own}:${linePos}` : `prelude of ${kernel.name}:${lineNum}:${linePos}`;
      return `${place} ${message}`;
    });
  return errors.join('\n') || String(cause);
}
