import { summarize, type Summary } from '../measure/statistics.ts';
import barriers from './barriers.wgsl?raw';
import copy from './copy.wgsl?raw';
import empty from './empty.wgsl?raw';
import multiplyAdd from './multiply-add.wgsl?raw';
import { makeProbe, type Probe, type ProbeOptions } from './probe.ts';

/** What the GPU can do at best: samples of each, or what these come down to. */
export interface Roofline<T = Summary> {
  /** Floating-point operations a second, of multiplications and additions in registers. */
  flops: T;
  /** Bytes a second, read and written, while memory is copied. */
  bandwidth: T;
  /** Milliseconds of one dispatch among many that do nothing and wait for each other. */
  dispatch: T;
  /** Milliseconds of one barrier of a workgroup of 64. */
  barrier: T;
  /** Milliseconds from the call until the result of one empty dispatch is read back, one after the other. */
  readback: T;
}

/** Of each probe, one a round: whatever disturbs the machine for a while disturbs all of them. */
const ROUNDS = 15;

/** Work is made twice as long until a sample takes so many milliseconds, so that submitting it weighs little. */
const LONG_MS = 60;

const THREADS = 2 ** 16;
const LOOPS = 128;
const COPY_BYTES = 2 ** 25;
const BARRIER_LOOPS = 1000;

interface Measure {
  probe: ProbeOptions;
  value: (milliseconds: number) => number;
  /** Default: `'dispatch'`. */
  run?: 'readBack';
}

const nothing: ProbeOptions = { source: empty, workgroups: 1, bytes: [4] };

const measures: Roofline<Measure> = {
  flops: {
    probe: { source: multiplyAdd, constants: { LOOPS }, workgroups: THREADS / 64, bytes: [4 * THREADS] },
    value: (milliseconds) => (64 * LOOPS * THREADS * 1000) / milliseconds,
  },
  bandwidth: {
    probe: { source: copy, workgroups: COPY_BYTES / 16 / 64, bytes: [COPY_BYTES, COPY_BYTES] },
    value: (milliseconds) => (2 * COPY_BYTES * 1000) / milliseconds,
  },
  dispatch: { probe: nothing, value: (milliseconds) => milliseconds },
  barrier: {
    probe: { source: barriers, constants: { LOOPS: BARRIER_LOOPS, THREADS: 64 }, workgroups: 1, bytes: [256] },
    value: (milliseconds) => milliseconds / (2 * BARRIER_LOOPS),
  },
  readback: { probe: nothing, value: (milliseconds) => milliseconds, run: 'readBack' },
};

const names = Object.keys(measures) as (keyof Roofline)[];

/**
 * Takes samples now; those taken at different times go into one summary.
 *
 * @param onProgress is told what fraction is done
 * @param rounds how many samples are taken of each probe
 */
export async function sampleRoofline(
  device: GPUDevice,
  onProgress: (fraction: number) => void,
  rounds = ROUNDS,
): Promise<Roofline<number[]>> {
  const probes: Probe[] = [];
  try {
    const takers: (() => Promise<number>)[] = [];
    for (const name of names) {
      const { probe: options, value, run = 'dispatch' } = measures[name];
      const probe = await makeProbe(device, options);
      probes.push(probe);
      const times = await enough((count) => probe[run](count));
      takers.push(async () => value((await probe[run](times)) / times));
    }
    const samples = forEach((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [place, take] of takers.entries()) samples[names[place]].push(await take());
      onProgress((round + 1) / rounds);
    }
    return samples;
  } finally {
    for (const probe of probes) probe.dispose();
  }
}

export function summarizeRoofline(...takes: readonly Roofline<number[]>[]): Roofline {
  return forEach((name) => summarize(takes.flatMap((take) => take[name])));
}

function forEach<T>(make: (name: keyof Roofline) => T): Roofline<T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as unknown as Roofline<T>;
}

/** How many times fill a sample. */
async function enough(run: (times: number) => Promise<number>): Promise<number> {
  let times = 1;
  while ((await run(times)) < LONG_MS) times *= 2;
  return times;
}
