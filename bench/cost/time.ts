import type { KernelInReport } from '../compile/report.ts';
import { ASSUMED, type Device } from './devices.ts';
import { compiledOf, operationsOf, sum, type CostedKernel } from './kernel.ts';
import { SECTOR_BYTES } from './instrument.ts';
import { SUBGROUP } from './requests.ts';

/** Why a dispatch takes as long as it does. */
export type Bound = 'dispatch' | 'latency' | 'loads' | 'cache' | 'memory' | 'arithmetic';

export interface Estimate {
  /** In microseconds. */
  time: number;
  bound: Bound;
  /** Warps that a core has room for, and workgroups for each core. */
  warps: number;
  groupsPerCore: number;
}

/** The time of a dispatch that depends on the one before: its overhead, and the longest of what it has to do. */
export function estimate(kernel: CostedKernel, compiled: readonly KernelInReport[], device: Device): Estimate {
  const { cores, gigahertz } = device;
  const { groups, threads, turns } = kernel;
  const warpsOfGroup = Math.ceil(threads / SUBGROUP);
  const room = groupsInCore(kernel, compiled, device);
  const rounds = Math.ceil(groups / (cores * room));
  const resident = Math.min(groups, cores * room) * warpsOfGroup;
  const filled = (threads / (warpsOfGroup * SUBGROUP)) * Math.min(1, resident / (cores * device.schedulers));
  const cycle = 1e-3 / gigahertz;
  const chain =
    (turns * Math.ceil(kernel.loads / turns / ASSUMED.loadsInFlight) * device.cacheLatency) / 1000 +
    kernel.barriers * ASSUMED.barrierCycles * cycle;
  const bytes = (key: 'sectors' | 'groupSectors' | 'distinctSectors') => SECTOR_BYTES * sum(kernel.traffic, key);
  const multiplyAdds = operationsOf(kernel) / 2;
  // What fits into the cache was left there by the dispatches before.
  const fromMemory = bytes('distinctSectors') > device.cacheBytes ? bytes('distinctSectors') : 0;
  const parts: Record<Exclude<Bound, 'dispatch'>, number> = {
    latency: rounds * chain,
    loads: (bytes('sectors') / (Math.min(groups, cores) * device.portBytes)) * cycle,
    cache: bytes('groupSectors') / device.cacheBandwidth / 1000,
    memory: fromMemory / device.memoryBandwidth / 1000,
    arithmetic: (multiplyAdds / (cores * device.lanes * ASSUMED.shareOfPeak * filled)) * cycle,
  };
  const [bound, longest] = (Object.entries(parts) as [Bound, number][]).toSorted(([, a], [, b]) => b - a)[0];
  return {
    time: device.dispatch + longest,
    bound: longest > device.dispatch ? bound : 'dispatch',
    warps: room * warpsOfGroup,
    groupsPerCore: groups / cores,
  };
}

/** How many workgroups a core has room for. */
function groupsInCore(kernel: CostedKernel, compiled: readonly KernelInReport[], device: Device): number {
  const { registers = ASSUMED.registers, workgroupMemory = 0 } = compiledOf(kernel, compiled) ?? {};
  const threads = Math.ceil(kernel.threads / SUBGROUP) * SUBGROUP;
  const byThreads = Math.floor(device.threads / threads);
  const byRegisters = Math.floor(device.registers / (threads * registers));
  const byMemory = Math.floor(device.workgroupMemory / Math.max(1, workgroupMemory));
  return Math.max(1, Math.min(byThreads, byRegisters, byMemory, ASSUMED.groupsOfCore));
}
