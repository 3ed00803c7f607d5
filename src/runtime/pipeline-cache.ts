import { ShaderError } from './errors.ts';
import type { BindingUse, Constants, KernelContract } from './kernel.ts';

const BUFFER_TYPES: Record<BindingUse, GPUBufferBindingLayout> = {
  read: { type: 'read-only-storage' },
  'read-write': { type: 'storage' },
  frame: { type: 'uniform', hasDynamicOffset: true },
};

interface CompiledKernel {
  module: GPUShaderModule;
  bindGroupLayout: GPUBindGroupLayout;
  pipelineLayout: GPUPipelineLayout;
  /** By the values of the override constants. */
  pipelines: Map<string, Promise<GPUComputePipeline>>;
}

/** Compiles each kernel once a device and each set of override constants once, without blocking the page. */
export class PipelineCache {
  readonly #kernels = new Map<KernelContract, CompiledKernel>();

  constructor(private readonly device: GPUDevice) {}

  bindGroupLayout(kernel: KernelContract): GPUBindGroupLayout {
    return this.#kernel(kernel).bindGroupLayout;
  }

  /** @throws ShaderError (as a rejection) with file, line and column if the WGSL does not compile */
  pipeline(kernel: KernelContract, constants: Constants): Promise<GPUComputePipeline> {
    const { pipelines } = this.#kernel(kernel);
    const key = JSON.stringify(constants);
    let pipeline = pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(kernel, constants, `${kernel.name} ${key}`);
      pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(kernel: KernelContract, constants: Constants, label: string): Promise<GPUComputePipeline> {
    const { module, pipelineLayout } = this.#kernel(kernel);
    try {
      return await this.device.createComputePipelineAsync({
        label,
        layout: pipelineLayout,
        compute: { module, entryPoint: 'main', constants },
      });
    } catch (cause) {
      throw new ShaderError(`${label}: ${await compilationErrors(kernel, module, cause)}`, { cause });
    }
  }

  #kernel(kernel: KernelContract): CompiledKernel {
    let compiled = this.#kernels.get(kernel);
    if (!compiled) {
      const { name: label } = kernel;
      // What is wrong with the WGSL comes out where the pipeline is made, with file, line and column.
      this.device.pushErrorScope('validation');
      const module = this.device.createShaderModule({ label, code: [...inFront(kernel), kernel.source].join('\n') });
      void this.device.popErrorScope();
      const bindGroupLayout = this.device.createBindGroupLayout({
        label,
        entries: Object.values(kernel.bindings).map((use, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: BUFFER_TYPES[use],
        })),
      });
      const pipelineLayout = this.device.createPipelineLayout({ label, bindGroupLayouts: [bindGroupLayout] });
      compiled = { module, bindGroupLayout, pipelineLayout, pipelines: new Map() };
      this.#kernels.set(kernel, compiled);
    }
    return compiled;
  }
}

/** The texts in front of a kernel's own. */
function inFront({ extensions = [], preludes = [] }: KernelContract): string[] {
  return [...extensions.map((name) => `enable ${name};`), ...preludes];
}

/** The compiler's messages with the line as it is in the kernel's own file; the rejected promise does not carry them. */
async function compilationErrors(kernel: KernelContract, module: GPUShaderModule, cause: unknown): Promise<string> {
  const texts = inFront(kernel);
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
