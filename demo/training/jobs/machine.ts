import type { ExplanationRow } from '../../../src/index.ts';
import { isSoftware } from './software.ts';
import { works, type Work } from './works.ts';
import { type CompilingNews, tellCompiling } from './compiling.ts';
import type { JobContext } from './job-context.ts';

export interface MachineNews extends CompilingNews {
  /** The kind of update that is being measured, and the share of all kinds that is done. */
  measuring?: { name: string; fraction: number };
}

/** The device that computes here, and how fast it is. */
export interface Machine {
  adapter: string;
  /** Whether kernels run on the processor, for want of a GPU. */
  isSoftware: boolean;
  hasFloat16: boolean;
  limits: { storageBytes: number; workgroupBytes: number; workgroupThreads: number };
  works: Measured[];
}

/** A kind of update, and how many of them were done in a second. */
export interface Measured {
  name: string;
  size: string;
  updatesPerSecond: number;
  kernels: ExplanationRow[];
}

/** How long each work is measured. */
const MEASURE_MS = 1000;

/** Tells what computes here, and measures how fast it trains. */
export async function machine(context: JobContext<MachineNews>, _options: Record<string, never>): Promise<Machine> {
  const { gpu } = context;
  const { limits } = gpu.device;
  const measured: Measured[] = [];
  for (const work of works) {
    context.tell({ measuring: { name: work.name, fraction: measured.length / works.length } });
    measured.push(await measure(work, context));
  }
  return {
    adapter: gpu.adapterName,
    isSoftware: isSoftware(gpu),
    hasFloat16: gpu.hasFloat16,
    limits: {
      storageBytes: limits.maxStorageBufferBindingSize,
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      workgroupThreads: limits.maxComputeInvocationsPerWorkgroup,
    },
    works: measured,
  };
}

/** Trains a network for a moment, once its kernels have compiled. */
async function measure(work: Work, { gpu, signal, tell }: JobContext<MachineNews>): Promise<Measured> {
  const { name, size, x, y, options, updates } = work;
  const model = await work.model(gpu);
  try {
    await model.fit(x, y, { ...options, signal, onProgress: (progress) => tellCompiling(progress, tell) });
    const begun = performance.now();
    let [done, now] = [0, begun];
    while (now - begun < MEASURE_MS) {
      await model.fit(x, y, { ...options, signal });
      done += updates;
      now = performance.now();
    }
    return { name, size, updatesPerSecond: (done / (now - begun)) * 1000, kernels: model.explain() };
  } finally {
    model.dispose();
  }
}
