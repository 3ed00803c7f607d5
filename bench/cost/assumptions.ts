import { table } from '../report/table.ts';
import { percent } from '../report/words.ts';
import { ASSUMED, DEVICES, type Device } from './devices.ts';

/** The section that tells what the times are made of. */
export function assumptions(): string {
  const line = (title: string, of: (device: Device) => number) => [
    title,
    ...DEVICES.map((device) => of(device).toLocaleString('en')),
  ];
  const { loadsInFlight, barrierCycles, shareOfPeak } = ASSUMED;
  return `${table(
    ['', ...DEVICES.map(({ name }) => name)],
    [
      line('cores', ({ cores }) => cores),
      line('multiply-adds of a core in a cycle', ({ lanes }) => lanes),
      line('GHz', ({ gigahertz }) => gigahertz),
      line('registers of a core', ({ registers }) => registers),
      line('threads of a core', ({ threads }) => threads),
      line('workgroup memory of a core, bytes', ({ workgroupMemory }) => workgroupMemory),
      line('loads of a core, bytes a cycle', ({ portBytes }) => portBytes),
      line('cache, MB', ({ cacheBytes }) => cacheBytes / 1e6),
      line('cache, GB/s', ({ cacheBandwidth }) => cacheBandwidth),
      line('a load from it, ns', ({ cacheLatency }) => cacheLatency),
      line('memory, GB/s', ({ memoryBandwidth }) => memoryBandwidth),
      line('a dependent dispatch, µs', ({ dispatch }) => dispatch),
    ],
  )}

${DEVICES.map(({ name, sources }) => `- ${name}: ${sources.join('; ')}.`).join('\n')}

The time of a dispatch is that of a dependent one and the longest of:

- _latency_: the loads of the invocation that makes the most, ${loadsInFlight} of them in flight at a time but never those of two steps, and ${barrierCycles} cycles for each
  barrier; as many times as the grid is larger than what the cores have room for;
- _loads_: the sectors of all requests, through the ports of the cores that have a workgroup;
- _cache_: bytes between the cores and the cache that they share;
- _memory_: all bytes that are touched, if they do not fit into that cache; if they do, the dispatches before have left them there;
- _arithmetic_: multiply-adds at ${percent(shareOfPeak)} of the peak, the best that products in WGSL are known to reach, in the lanes and schedulers that have work.

Not in it are loads that depend on other loads, conflicts in workgroup memory, divergent branches, instructions besides multiply-adds, loads that a compiler
drops, and the JavaScript that submits the work. Registers are those of RDNA 2, or ${ASSUMED.registers} where they are not known. Requests are those of 32 invocations on all
three, although Iris Xe runs 8, 16 or 32 together. Of a kernel that is dispatched several times, the dispatch in the middle is counted.`;
}

export const TO_CONFIRM = `In the order in which they move the figures above; \`npm run bench:card\` measures most of them:

1. the cost of a dependent dispatch, of which most of the time of a work of many steps consists: the probes with empty dispatches;
2. the latency of a load from the shared cache, and how many loads an invocation has in flight: a step of \`lstm-forward-split-k\` and of
   \`lstm-backward-split-k\`, whose requests waste nothing;
3. the share of the peak that products reach, and that half-empty grids lose as much as assumed: \`product-workgroup-tiled\` with 3,200 rows beside the gradients of
   weights, whose 128 workgroups leave half of the schedulers of an H100 without work;
4. that the scalar loads of \`product-workgroup-tiled\`, of whose sectors a quarter is used at a time, hide behind its arithmetic as they do here: a variant that loads vectors;
5. the bandwidth of the cache, and that weights stay in it from step to step: a step of \`infer-16x1024-768-768\`;
6. registers and spills with the compilers of NVIDIA and Apple;
7. the cost of a barrier among 120 threads, and of the loads that depend on each other in an update of \`resident-updates\`: \`post-20000\`.`;
