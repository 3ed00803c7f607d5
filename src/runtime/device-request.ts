import { isSoftwareAdapter } from './adapter.ts';

/** Features of WebGPU that a device gets where its adapter has them. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Limits of memory, which every device gets as its adapter has them. */
const MEMORY_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/** Limits of workgroups, which a device of a GPU gets too: a software adapter has no on-chip memory, and no more threads. */
const WORKGROUP_LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

/** The device that is requested of an adapter. */
export function deviceDescriptor({ features, limits, info }: GPUAdapter): GPUDeviceDescriptor {
  // Older versions of Deno have no `info`.
  const ofWorkgroups = isSoftwareAdapter((info as GPUAdapterInfo | undefined) ?? {}) ? [] : WORKGROUP_LIMITS;
  return {
    label: 'lstm-webgpu',
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => features.has(feature)),
    requiredLimits: Object.fromEntries([...MEMORY_LIMITS, ...ofWorkgroups].map((name) => [name, limits[name]])),
  };
}
