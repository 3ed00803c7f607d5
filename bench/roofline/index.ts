import { quantile } from '../measure/statistics.ts';
import barriers from './barriers.wgsl?raw';
import copy from './copy.wgsl?raw';
import empty from './empty.wgsl?raw';
import multiplyAdd from './multiply-add.wgsl?raw';
import { makeProbe, type Probe, type ProbeOptions } from './probe.ts';

/** What the GPU can do at best, medians of samples. */
export interface Roofline {
  /** Floating-point operations a second, of multiplications and additions in registers. */
  flops: number;
  /** Bytes a second, read and written, while memory is copied. */
  bandwidth: number;
  /** Milliseconds of one dispatch among many that do nothing and wait for each other. */
  dispatch: number;
  /** Milliseconds of one barrier of a workgroup of 64. */
  barrier: number;
  /** Milliseconds from the call until the result of one empty dispatch is read back. */
  readback: number;
}

const SAMPLES = 11;

/** Work is made twice as long until a sample takes so many milliseconds, so that submitting it weighs little. */
const LONG_MS = 30;

const THREADS = 2 ** 16;
const LOOPS = 128;
const COPY_BYTES = 2 ** 25;
const BARRIER_LOOPS = 1000;

export async function measureRoofline(device: GPUDevice): Promise<Roofline> {
  const flop = { source: multiplyAdd, constants: { LOOPS }, workgroups: THREADS / 64, bytes: [4 * THREADS] };
  const copied = { source: copy, workgroups: COPY_BYTES / 16 / 64, bytes: [COPY_BYTES, COPY_BYTES] };
  const waiting = { source: barriers, constants: { LOOPS: BARRIER_LOOPS }, workgroups: 1, bytes: [256] };
  const nothing = { source: empty, workgroups: 1, bytes: [4] };
  return {
    flops: (64 * LOOPS * THREADS) / (await secondsEach(device, flop)),
    bandwidth: (2 * COPY_BYTES) / (await secondsEach(device, copied)),
    dispatch: 1000 * (await secondsEach(device, nothing)),
    barrier: (1000 * (await secondsEach(device, waiting))) / (2 * BARRIER_LOOPS),
    readback: await withProbe(device, nothing, (probe) => median(() => probe.run(1, { readBack: true }))),
  };
}

/** Seconds of one dispatch among as many as fill a sample. */
function secondsEach(device: GPUDevice, options: ProbeOptions): Promise<number> {
  return withProbe(device, options, async (probe) => {
    let dispatches = 1;
    while ((await probe.run(dispatches)) < LONG_MS) dispatches *= 2;
    return (await median(() => probe.run(dispatches))) / dispatches / 1000;
  });
}

async function withProbe<T>(device: GPUDevice, options: ProbeOptions, use: (probe: Probe) => Promise<T>): Promise<T> {
  const probe = await makeProbe(device, options);
  try {
    return await use(probe);
  } finally {
    probe.dispose();
  }
}

async function median(sample: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let count = 0; count < SAMPLES; count++) samples.push(await sample());
  return quantile(samples, 0.5);
}
