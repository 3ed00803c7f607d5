import { requestGpu } from '../src/index.ts';
import type { Contender } from './contenders/contender.ts';
import type { ContenderId } from './contenders/names.ts';
import { ours, scheduled, type ScheduleId, schedules } from './contenders/ours.ts';
import { plain } from './contenders/plain/index.ts';
import { measureMemory, type Memory } from './memory/index.ts';
import { type Listener, measureWork } from './measure/measure-work.ts';
import type { Row } from './measure/outcome.ts';
import type { Summary } from './measure/statistics.ts';
import { today } from './measure/today.ts';
import { type Roofline, sampleRoofline, summarizeRoofline } from './roofline/index.ts';
import { SEED } from './works/inputs.ts';
import { MEMORY, ROOFLINE, ROOFLINE_AGAIN } from './works/parts.ts';
import type { Work } from './works/work.ts';

export interface BenchSettings {
  works: readonly Work[];
  /** Works for the schedules of this library. */
  stacks: readonly Work[];
  /** Works with streams, beside all contenders. */
  pushes: readonly Work[];
  /** Works with streams that feed themselves, beside all contenders. */
  generations: readonly Work[];
  contenders: readonly ContenderId[];
  samples: number;
}

/** What was measured. */
export interface Measured {
  adapterName: string;
  roofline: Roofline;
  rows: Row[];
  /** Stacks of LSTM layers, layer by layer and as a wavefront. */
  stacks: { date: string; rows: Row<ScheduleId>[] };
  /** Steps of streams, and the time of an empty dispatch and its readback in the same run. */
  streams: { date: string; rows: Row[]; readback: Summary };
  /** Steps of streams that feed themselves. */
  generation: { date: string; rows: Row[] };
  memory: Memory;
}

/** What differs between a browser and Node. */
export interface Surroundings {
  /** Contenders besides this library and the plain loop. */
  peers: readonly Contender[];
  /** Collects garbage and tells how many bytes live JavaScript objects take. */
  heapBytes: () => Promise<number>;
}

export interface BenchListener extends Listener {
  /** A work begins, or the roofline: one of `parts`. */
  onPart(name: string): void;
}

/** Long enough for kernels that compile in the background on a software adapter to replace their baselines. */
const MIN_WARM_UP_MS = 3000;

/**
 * The whole bench, wherever WebGPU is.
 *
 * @throws UnsupportedError where WebGPU or an adapter is missing
 */
export async function bench(
  { works, stacks, pushes, generations, contenders, samples }: BenchSettings,
  { peers, heapBytes }: Surroundings,
  listener: BenchListener,
): Promise<Measured> {
  const gpu = await requestGpu();
  try {
    const chosen = [plain, ours(gpu), ...peers].filter(({ id }) => contenders.includes(id));
    const rowsOf = async <I extends string>(list: readonly Work[], among: readonly Contender<I>[]) => {
      const rows: Row<I>[] = [];
      for (const work of list) {
        listener.onPart(work.id);
        rows.push({ work, outcomes: await measureWork(work, among, samples, SEED, listener, MIN_WARM_UP_MS) });
      }
      return rows;
    };
    const takeRoofline = (part: string) => {
      listener.onPart(part);
      listener.onPhase('measuring');
      return sampleRoofline(gpu.device, progressOf(listener));
    };
    const first = await takeRoofline(ROOFLINE);
    const rows = await rowsOf(works, chosen);
    const inSchedules = schedules.map((schedule) => scheduled(gpu, schedule));
    const measuredStacks = { date: today(), rows: await rowsOf(stacks, inSchedules) };
    const pushed = { date: today(), rows: await rowsOf(pushes, chosen) };
    const generation = { date: today(), rows: await rowsOf(generations, chosen) };
    // Once more, lest a machine that was busy for some seconds, or has grown hot, is taken for a slow or a fast one.
    const last = await takeRoofline(ROOFLINE_AGAIN);
    listener.onPart(MEMORY);
    listener.onPhase('counting');
    const memory = await measureMemory(gpu, works, heapBytes, progressOf(listener));
    const roofline = summarizeRoofline(first, last);
    const streams = { ...pushed, readback: roofline.readback };
    return { adapterName: gpu.adapterName, roofline, rows, stacks: measuredStacks, streams, generation, memory };
  } finally {
    gpu.dispose();
  }
}

/** Tells from the fraction done so far how much longer it takes. */
function progressOf(listener: Listener): (fraction: number) => void {
  const begin = performance.now();
  return (fraction) => {
    const seconds = (performance.now() - begin) / 1000;
    listener.onProgress({ fraction, remainingSeconds: seconds / fraction - seconds });
  };
}
