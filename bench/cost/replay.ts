import { instrument, MOST_THREADS, SECTOR_BYTES, type Instrumented } from './instrument.ts';
import type { BoundMemory, Dispatch } from './recording-device.ts';
import { requestsOf, type Requests, type Traffic } from './requests.ts';

/** Workgroups of a dispatch whose requests are looked at one by one. */
const SAMPLED_GROUPS = 8;

/** Words of memory for what they note. */
const LOG_WORDS = 2 ** 24;

/** What a dispatch asks of memory. */
export interface Replayed extends Omit<Requests, 'traffic'> {
  groups: number;
  traffic: (Traffic & {
    /** Sectors that the dispatch touches in this binding, each counted once: what at least comes from memory or goes there. */
    distinctSectors: number;
  })[];
}

/**
 * Runs a dispatch on a device, with the addresses of all its loads and stores noted. Memory is zero, but for what was uploaded
 * in little pieces: frames, agendas and numbers of rows, on which addresses depend.
 */
export async function replay(device: GPUDevice, dispatch: Dispatch): Promise<Replayed> {
  const { code, grid, bindings } = dispatch;
  const groups = grid[0] * grid[1] * grid[2];
  const count = Math.min(SAMPLED_GROUPS, groups);
  const stride = Math.floor(groups / count);
  const kernel = instrument(code, {
    bindingBytes: bindings.map(({ bytes }) => bytes),
    sample: { first: Math.floor(stride / 2), stride, count },
    logWords: LOG_WORDS,
  });
  const [words, sectors] = await run(device, dispatch, kernel, count * MOST_THREADS * kernel.laneWords);
  const { laneWords, visits, accesses } = kernel;
  const requests = requestsOf({ words, laneWords, visits, accesses, sampled: count, groups });
  const traffic = requests.traffic.map((one) => ({
    ...one,
    distinctSectors: distinctSectors(one, kernel, sectors, bindings),
  }));
  return { ...requests, traffic, groups };
}

function distinctSectors(
  { binding, isStore }: Traffic,
  { accesses, firstSectors }: Instrumented,
  sectors: Uint32Array,
  bindings: readonly BoundMemory[],
): number {
  const n = accesses.findIndex((access) => access.name === binding && access.isStore === isStore);
  const count = Math.ceil(bindings[accesses[n].binding].bytes / SECTOR_BYTES);
  return sectors.subarray(firstSectors[n], firstSectors[n] + count).reduce((sum, touched) => sum + touched, 0);
}

/** @returns the log, and for each sector whether it was touched */
async function run(
  device: GPUDevice,
  { kernel, overrides, grid, bindings }: Dispatch,
  { code, bindings: uses, sectorWords }: Instrumented,
  logWords: number,
): Promise<[Uint32Array, Uint32Array]> {
  const made: GPUBuffer[] = [];
  const buffer = (bytes: number, usage: number) => {
    made.push(device.createBuffer({ size: Math.max(16, bytes), usage }));
    return made.at(-1)!;
  };
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const memory = bindings.map(({ bytes, contents }, n) => {
    const bound = buffer(bytes, (uses[n] === undefined ? UNIFORM : STORAGE) | COPY_DST);
    if (contents) device.queue.writeBuffer(bound, 0, contents);
    return bound;
  });
  const noted = [logWords, sectorWords].map((words) => buffer(4 * words, STORAGE | COPY_SRC));
  const read = [logWords, sectorWords].map((words) => buffer(4 * words, MAP_READ | COPY_DST));
  const layouts = [uses, ['read_write', 'read_write'] as const].map((group) =>
    device.createBindGroupLayout({
      entries: group.map((use, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: layoutOf(use) })),
    }),
  );
  const pipeline = await device.createComputePipelineAsync({
    label: kernel,
    layout: device.createPipelineLayout({ bindGroupLayouts: layouts }),
    compute: { module: device.createShaderModule({ label: kernel, code }), constants: overrides },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  [memory, noted].forEach((buffers, group) => {
    const entries = buffers.map((one, binding) => ({ binding, resource: { buffer: one } }));
    pass.setBindGroup(group, device.createBindGroup({ layout: layouts[group], entries }));
  });
  pass.dispatchWorkgroups(...grid);
  pass.end();
  noted.forEach((from, n) => encoder.copyBufferToBuffer(from, 0, read[n], 0, from.size));
  device.queue.submit([encoder.finish()]);
  await Promise.all(read.map((one) => one.mapAsync(GPUMapMode.READ)));
  const [log, sectors] = read.map((one) => new Uint32Array(one.getMappedRange().slice(0)));
  for (const one of made) one.destroy();
  return [log, sectors];
}

function layoutOf(use: Instrumented['bindings'][number]): GPUBufferBindingLayout {
  if (use === undefined) return { type: 'uniform' };
  return { type: use === 'read' ? 'read-only-storage' : 'storage' };
}
