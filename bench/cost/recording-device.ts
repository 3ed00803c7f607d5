import { withoutMemory } from '../compile/without-memory.ts';

/** A binding of a dispatch: how many bytes of memory it is bound to, and what has been uploaded there if that is little. */
export interface BoundMemory {
  bytes: number;
  contents?: Uint8Array;
}

/** A dispatch as it was submitted. */
export interface Dispatch {
  kernel: string;
  /** Override constants, and the bytes of arrays that it was compiled for, as the library labels the pipeline. */
  constants: Record<string, number>;
  code: string;
  /** Those of the constants that the code declares with `override`. */
  overrides: Record<string, number>;
  grid: [number, number, number];
  bindings: BoundMemory[];
}

interface Pipeline {
  label: string;
  code: string;
  overrides: Record<string, number>;
}

interface Buffer {
  size: number;
  contents?: Uint8Array;
}

type Entry = { buffer: Buffer; offset: number; size: number };
type Encoded = { pipeline: Pipeline; group: readonly Entry[]; frame: number; grid: [number, number, number] };

/** The largest buffer whose contents are remembered: frames, agendas and rows are smaller, samples and weights need not be known. */
const REMEMBERED_BYTES = 2 ** 22;

/** WebGPU's default limits for workgroups, for which the kernels of the compile report are compiled too. */
const LIMITS = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** A device that does nothing but to remember what is submitted to it. @param onDispatch is told of each dispatch */
export function recordingDevice(adapterInfo: object, onDispatch: (dispatch: Dispatch) => void): GPUDevice {
  const device = {
    ...withoutMemory,
    adapterInfo,
    features: new Set(['subgroups']),
    limits: LIMITS,
    lost: new Promise(() => {}),
    addEventListener: () => {},
    destroy: () => {},
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: ({ code }: GPUShaderModuleDescriptor) => ({ code }),
    createComputePipelineAsync: ({ label, compute: { module, constants } }: GPUComputePipelineDescriptor) =>
      Promise.resolve({ label, code: (module as unknown as { code: string }).code, overrides: constants }),
    createBindGroup: ({ entries }: { entries: Iterable<{ resource: Entry }> }) =>
      [...entries].map(({ resource }) => resource),
    createCommandEncoder: () => recordingEncoder(),
    queue: {
      ...withoutMemory.queue,
      writeBuffer: remember,
      submit: (commands: readonly (readonly Encoded[])[]) =>
        commands.flat().forEach((one) => onDispatch(resolved(one))),
    },
  };
  return device as unknown as GPUDevice;
}

function recordingEncoder() {
  const encoded: Encoded[] = [];
  let pipeline: Pipeline;
  let group: readonly Entry[];
  let frame = 0;
  const pass = {
    setPipeline: (set: Pipeline) => (pipeline = set),
    setBindGroup: (_index: number, set: readonly Entry[], offsets?: Uint32Array, first = 0) => {
      group = set;
      frame = offsets?.[first] ?? 0;
    },
    dispatchWorkgroups: (x: number, y = 1, z = 1) => encoded.push({ pipeline, group, frame, grid: [x, y, z] }),
    end: () => {},
  };
  return {
    ...withoutMemory.createCommandEncoder(),
    beginComputePass: () => pass,
    finish: () => encoded,
  };
}

/** Buffers are shared with dispatches before, so that a write makes their contents anew. */
function remember(buffer: Buffer, offset: number, data: ArrayBufferView, from = 0, count?: number): void {
  if (buffer.size > REMEMBERED_BYTES) return;
  const each = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1;
  const first = data.byteOffset + from * each;
  const bytes = count === undefined ? data.byteLength - from * each : count * each;
  const contents = buffer.contents?.slice() ?? new Uint8Array(buffer.size);
  contents.set(new Uint8Array(data.buffer, first, bytes), offset);
  buffer.contents = contents;
}

function resolved({ pipeline, group, frame, grid }: Encoded): Dispatch {
  const [kernel] = pipeline.label.split(' ', 1);
  return {
    kernel,
    constants: JSON.parse(pipeline.label.slice(kernel.length)) as Record<string, number>,
    code: pipeline.code,
    overrides: pipeline.overrides,
    grid,
    bindings: group.map(({ buffer, offset, size }, binding) => {
      // A frame is the only binding with a dynamic offset, and the first.
      const begin = offset + (binding === 0 ? frame : 0);
      return { bytes: size, contents: buffer.contents?.subarray(begin, begin + size) };
    }),
  };
}
