import { digest } from './digest.ts';

/** An adapter's description of itself. Each runtime fills in different fields, and Firefox none. */
export type AdapterInfo = Partial<GPUAdapterInfo>;

/**
 * Names of the drivers that run kernels on the CPU. Chrome tells them by architecture, Deno and Dawn in Node by
 * description: Chrome's SwiftShader, Mesa's llvmpipe, also called lavapipe, and Direct3D's WARP.
 */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|\bwarp\b|microsoft basic render/i;

/**
 * Whether the adapter is a software adapter: one that runs kernels on the CPU instead of a GPU. The width of subgroups
 * does not tell: it is 4 on SwiftShader, but 4 or 8 on some GPUs of phones and of Intel too.
 */
export function isSoftwareAdapter({ isFallbackAdapter, architecture, device, description }: AdapterInfo): boolean {
  return isFallbackAdapter === true || SOFTWARE.test([architecture, device, description].join(' '));
}

/** The kind of an adapter, as far as its names tell; kernels and the cost model are chosen by it. */
export type AdapterClass = 'software' | 'discrete' | 'integrated' | 'phone';

/** Vendors and series of GPUs of phones and tablets, some of which are in laptops too. */
const PHONE = /\b(arm|mali|immortalis|qualcomm|adreno|img-tec|powervr|samsung|xclipse|huawei|maleoon)\b/i;

/**
 * Names of cards: NVIDIA's, AMD's but for the "Radeon … Graphics" of its processors, and Intel's Arc with a number, whose
 * architectures end with HP or HPG in Dawn's gpu_info.json.
 */
const CARD = /\b(nvidia|geforce|amd|radeon)\b|hpg?$|\barc(\(tm\))? (pro )?[ab]\d/i;
const PART_OF_PROCESSOR = /\bradeon\b.*\bgraphics\b/i;

/** The class of an adapter. One that tells nothing, such as Firefox's, counts as integrated, which lies between the others. */
export function adapterClass(info: AdapterInfo): AdapterClass {
  if (isSoftwareAdapter(info)) return 'software';
  const { vendor, architecture, device, description } = info;
  const names = [vendor, device, description, architecture].filter(Boolean).join(' ');
  if (PHONE.test(names)) return 'phone';
  return CARD.test(names) && !PART_OF_PROCESSOR.test(names) ? 'discrete' : 'integrated';
}

/** The adapter's name for people: `'vendor architecture'`, or in Deno, where the vendor is a number, the description. */
export function adapterName({ vendor = '', architecture = '', description = '' }: AdapterInfo): string {
  const named = architecture === '' && description !== '' ? description : `${vendor} ${architecture}`;
  return named.trim() || 'unknown adapter';
}

/** Limits in which GPUs differ, and features that decide which kernels are candidates. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;
const FEATURES = ['shader-f16', 'subgroups'] as const;

/**
 * The adapter's key in the tuning cache. Adapters on which different kernels may be the fastest get different keys: by their
 * names, and by their limits where a browser gives no names, as Firefox does.
 *
 * @param limits of the adapter where it is known, since a device has the defaults for all that was not asked of it
 */
export function adapterKey({ adapterInfo, features }: GPUDevice, limits: GPUSupportedLimits): string {
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize }: AdapterInfo =
    adapterInfo ?? {};
  const facts = [
    vendor,
    architecture,
    device,
    description,
    subgroupMinSize,
    subgroupMaxSize,
    ...LIMITS.map((name) => limits[name]),
    ...FEATURES.map((name) => features.has(name)),
  ];
  return `${adapterName(adapterInfo ?? {})} ${digest(JSON.stringify(facts))}`;
}
