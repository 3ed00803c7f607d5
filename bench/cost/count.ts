import { operations } from '../works/work.ts';
import type { CostedKernel } from './kernel.ts';
import { replay } from './replay.ts';
import type { CostedLaunch, WorkInReport } from './rows.ts';
import { CLASSES, costedWorks, launchesOf, ownConstants, turnsOf, type CostClass, type Launch } from './works.ts';

/** What the process that replays reports, line by line. */
export type Report =
  | { what: 'adapter'; description: string }
  | { what: 'begin'; title: string }
  | { what: 'kernel'; kernel: CostedKernel }
  | { what: 'work'; work: WorkInReport };

/** Records the works of each class of adapters, and replays each kernel once. */
export async function countRequests(webgpu: GPU, report: (line: Report) => void): Promise<void> {
  const adapter = (await webgpu.requestAdapter())!;
  report({ what: 'adapter', description: adapter.info.description });
  const device = await replayingDevice(adapter);
  const indices = new Map<string, number>();
  const indexOf = async ({ digest, dispatch }: Launch) => {
    const known = indices.get(digest);
    if (known !== undefined) return known;
    const { kernel, grid, constants } = dispatch;
    const own = { kernel, grid, constants: ownConstants(constants), digest, turns: turnsOf(dispatch) };
    report({ what: 'kernel', kernel: { ...own, ...(await replay(device, dispatch)) } });
    indices.set(digest, indices.size);
    return indices.size - 1;
  };
  for (const costed of costedWorks) {
    const { id, work, schedule } = costed;
    const title = schedule ? `${work.title}, ${schedule}` : work.title;
    report({ what: 'begin', title });
    const launches: Partial<Record<CostClass, CostedLaunch[]>> = {};
    for (const ofClass of Object.keys(CLASSES) as CostClass[]) {
      launches[ofClass] = [];
      for (const launch of await launchesOf(costed, ofClass))
        launches[ofClass].push({ kernel: await indexOf(launch), count: launch.count });
    }
    const all = launches as Record<CostClass, CostedLaunch[]>;
    report({ what: 'work', work: { id, title, operations: operations(work), launches: all } });
  }
}

async function replayingDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: ['subgroups'],
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    throw error;
  });
  return device;
}
