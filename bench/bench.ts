import { requestGpu } from '../src/index.ts';
import type { Contender } from './contenders/contender.ts';
import type { ContenderId } from './contenders/names.ts';
import { ours } from './contenders/ours.ts';
import { plain } from './contenders/plain/index.ts';
import { type Listener, measureWork } from './measure/measure-work.ts';
import type { Row } from './measure/outcome.ts';
import { measureRoofline, type Roofline } from './roofline/index.ts';
import type { Work } from './works/work.ts';

export interface BenchSettings {
  works: readonly Work[];
  contenders: readonly ContenderId[];
  samples: number;
}

/** What was measured. */
export interface Measured {
  adapterName: string;
  roofline: Roofline;
  rows: Row[];
}

export interface BenchListener extends Listener {
  onWork(work: Work | 'roofline'): void;
}

const SEED = 1;

/**
 * The whole bench, wherever WebGPU is.
 *
 * @param peers contenders besides this library and the plain loop
 * @throws UnsupportedError where WebGPU or an adapter is missing
 */
export async function bench(
  { works, contenders, samples }: BenchSettings,
  peers: readonly Contender[],
  listener: BenchListener,
): Promise<Measured> {
  const gpu = await requestGpu();
  try {
    const chosen = [plain, ours(gpu), ...peers].filter(({ id }) => contenders.includes(id));
    listener.onWork('roofline');
    listener.onPhase('measuring');
    const roofline = await measureRoofline(gpu.device);
    const rows: Row[] = [];
    for (const work of works) {
      listener.onWork(work);
      rows.push({ work, outcomes: await measureWork(work, chosen, samples, SEED, listener) });
    }
    return { adapterName: gpu.adapterName, roofline, rows };
  } finally {
    gpu.dispose();
  }
}
