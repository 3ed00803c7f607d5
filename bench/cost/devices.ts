import type { CostClass } from './works.ts';

/** What the model assumes of a GPU. A core is a streaming multiprocessor, a core of Apple's, a dual subslice of Intel's. */
export interface Device {
  name: string;
  /** Whose kernels it gets. */
  ofClass: CostClass;
  cores: number;
  /** Multiply-adds of a core in a cycle. */
  lanes: number;
  /** Warps of 32 whose instructions a core issues in a cycle. */
  schedulers: number;
  gigahertz: number;
  /** Room of a core: 32-bit registers, threads, bytes of workgroup memory. */
  registers: number;
  threads: number;
  workgroupMemory: number;
  /** Bytes that the loads and stores of a core move in a cycle. */
  portBytes: number;
  /** The cache that cores share: bytes, GB/s, and nanoseconds of a load from it. */
  cacheBytes: number;
  cacheBandwidth: number;
  cacheLatency: number;
  /** GB/s. */
  memoryBandwidth: number;
  /** Microseconds from the end of a dispatch to the begin of one that depends on it. */
  dispatch: number;
  sources: readonly string[];
}

/** What is assumed of every GPU. */
export const ASSUMED = {
  /** Loads that an invocation waits for together: loops are unrolled, and compilers issue their loads before they use the first. */
  loadsInFlight: 16,
  /** Cycles of a barrier, with the workgroup memory that is read behind it. */
  barrierCycles: 60,
  /** The share of the peak that the best matrix products in WGSL reach, as all of an issue slot is not multiply-adds. */
  shareOfPeak: 0.4,
  /** Workgroups that a core has room for at the most, which is NVIDIA's limit. */
  groupsOfCore: 32,
  /** Registers of an invocation where no compiler has told them. */
  registers: 64,
} as const;

export const DEVICES: readonly Device[] = [
  {
    name: 'H100',
    ofClass: 'discrete',
    cores: 132,
    lanes: 128,
    schedulers: 4,
    gigahertz: 1.755,
    registers: 65_536,
    threads: 2048,
    workgroupMemory: 228 * 1024,
    portBytes: 128,
    cacheBytes: 50e6,
    cacheBandwidth: 5500,
    cacheLatency: 154,
    memoryBandwidth: 3350,
    dispatch: 4,
    sources: [
      'SXM5, data sheet: 132 cores of 128 lanes, 64 warps, 228 KiB of workgroup memory, 256 KiB of registers, 50 MB of cache, 3.35 TB/s',
      '1.755 GHz: boost of the PCIe card as chipsandcheese.com found it; that of SXM5 is up to 1.98',
      'estimated: cache 5.5 TB/s and 270 cycles, a dependent dispatch 3 to 6 µs, 128 bytes a cycle for loads of a core',
    ],
  },
  {
    name: 'M3',
    ofClass: 'integrated',
    cores: 10,
    lanes: 128,
    schedulers: 4,
    gigahertz: 1.4,
    registers: (208 * 1024) / 4,
    threads: 3072,
    workgroupMemory: 64 * 1024,
    portBytes: 64,
    cacheBytes: 8e6,
    cacheBandwidth: 448,
    cacheLatency: 250,
    memoryBandwidth: 100,
    dispatch: 15,
    sources: [
      'Apple: 10 cores, 100 GB/s',
      'philipturner/metal-benchmarks, for M1 and M2: 128 lanes, 208 KiB of registers, about 64 KiB of workgroup memory, up to 3,072 threads, 32 bytes a cycle in and out of a core, of which the 448 GB/s of the cache are made',
      'estimated: 1.4 GHz, cache 8 MB and 250 ns, a dependent dispatch 10 to 20 µs, 64 bytes a cycle for loads of a core',
    ],
  },
  {
    name: 'Iris Xe',
    ofClass: 'integrated',
    cores: 6,
    lanes: 128,
    schedulers: 4,
    gigahertz: 1.3,
    registers: (16 * 7 * 128 * 32) / 4,
    threads: 16 * 7 * 16,
    workgroupMemory: 128 * 1024,
    portBytes: 128,
    cacheBytes: 3.8e6,
    cacheBandwidth: 166,
    cacheLatency: 200,
    memoryBandwidth: 68,
    dispatch: 15,
    sources: [
      "Intel's guide for GPU optimization, Xe-LP: dual subslices of 16 units of 8 lanes, 7 threads a unit with 128 registers of 32 bytes, 128 KiB of workgroup memory, a port of 128 bytes a cycle; 96 units at 1.3 GHz in Tiger Lake",
      'anandtech.com: 3.8 MB of cache; 68 GB/s are 128 bits of LPDDR4X-4267',
      'estimated: cache 128 bytes a cycle and 200 ns, a dependent dispatch 10 to 20 µs, subgroups of 16',
    ],
  },
];
