import { withoutMemory } from './without-memory.ts';
import { statisticsOf, type CompiledKernel, type Statistics } from './statistics.ts';

/** Compiles a pipeline. @returns the lines that the driver has logged for it */
export type Compile = (descriptor: GPUComputePipelineDescriptor) => Promise<string[]>;

/**
 * A device that compiles kernels with the driver behind another device, and does nothing else: buffers have no memory and read
 * as zeros, and commands are neither recorded nor run.
 *
 * @param compile compiles on that device, which happens once for each kernel and its constants
 * @param onKernel is told of each kernel that the library compiles
 */
export function compileOnlyDevice(
  device: GPUDevice,
  compile: Compile,
  compiled: Map<string, Promise<Statistics>>,
  onKernel: (kernel: CompiledKernel) => void,
): GPUDevice {
  const codes = new WeakMap<GPUShaderModule, string>();
  const stub = {
    adapterInfo: device.adapterInfo,
    features: device.features,
    limits: device.limits,
    lost: device.lost,
    addEventListener: () => {},
    destroy: () => {},
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createBindGroupLayout: device.createBindGroupLayout.bind(device),
    createPipelineLayout: device.createPipelineLayout.bind(device),
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) => {
      const module = device.createShaderModule(descriptor);
      codes.set(module, descriptor.code);
      return module;
    },
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) => {
      const { label = '', compute } = descriptor;
      const code = codes.get(compute.module)!;
      const key = `${label}\n${code}`;
      if (!compiled.has(key))
        compiled.set(
          key,
          compile(descriptor).then(([line]) => statisticsOf(line)),
        );
      onKernel({ ...named(label, code), statistics: await compiled.get(key)! });
      return {};
    },
    ...withoutMemory,
  };
  return stub as unknown as GPUDevice;
}

/** The library labels a pipeline with the kernel's name and its constants. */
function named(label: string, code: string): Omit<CompiledKernel, 'statistics'> {
  const [kernel] = label.split(' ', 1);
  return {
    kernel,
    extensions: [...code.matchAll(/^enable (\w+);/gm)].map(([, name]) => name),
    constants: JSON.parse(label.slice(kernel.length)) as Record<string, number>,
  };
}
