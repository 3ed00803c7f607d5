import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { requestGpu, type Gpu } from '../../src/index.ts';
import { report } from './process.ts';

/** Set when the folder is built. */
declare const __CARD_BUILD__: { commit: string; dawn: string; built: string };

const SMI_FIELDS =
  'name,driver_version,pstate,clocks.sm,clocks.mem,clocks.max.sm,clocks.max.mem,temperature.gpu,power.draw,power.limit,memory.total';

/** Where Vulkan drivers are announced on Linux. */
const ICD_FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/**
 * What the figures of all other parts depend on.
 *
 * @param takenFor tells what class of adapter the library takes this for
 */
export async function environment(takenFor: (gpu: Gpu) => string): Promise<void> {
  report({
    what: 'machine',
    ...__CARD_BUILD__,
    date: new Date().toISOString(),
    node: process.versions.node,
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    vulkanDrivers: process.env.VK_ICD_FILENAMES ?? ICD_FOLDERS.filter((folder) => existsSync(folder)),
  });
  report(smi('before'));
  const gpu = await requestGpu({ tuning: 'off' });
  const { device, adapterName, hasFloat16 } = gpu;
  const {
    vendor,
    architecture,
    device: deviceName,
    description,
    subgroupMinSize,
    subgroupMaxSize,
  } = device.adapterInfo;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  report({
    what: 'adapter',
    adapterName,
    info: { vendor, architecture, device: deviceName, description, subgroupMinSize, subgroupMaxSize },
    takenFor: takenFor(gpu),
    hasFloat16,
    features: [...device.features].toSorted(),
    adapterFeatures: [...adapter!.features].toSorted(),
    limits: numbersOf(device.limits),
    adapterLimits: numbersOf(adapter!.limits),
  });
  gpu.dispose();
}

/** Limits are getters of a class, which JSON does not see. */
function numbersOf(limits: GPUSupportedLimits): Record<string, number> {
  const values: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') values[name] = value;
  }
  return values;
}

/** What NVIDIA's driver says of the card: clocks that have fallen explain slow figures. */
export function smi(when: string): Record<string, unknown> {
  const { status, stdout, error } = spawnSync('nvidia-smi', [`--query-gpu=${SMI_FIELDS}`, '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 5000,
  });
  if (status !== 0) return { what: 'nvidia-smi', when, missing: error?.message ?? `exit code ${status}` };
  const values = stdout.trim().split('\n')[0].split(', ');
  return { what: 'nvidia-smi', when, ...Object.fromEntries(SMI_FIELDS.split(',').map((name, n) => [name, values[n]])) };
}
