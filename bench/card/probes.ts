import { summarize } from '../measure/statistics.ts';
import barriers from '../roofline/barriers.wgsl?raw';
import multiplyAdd from '../roofline/multiply-add.wgsl?raw';
import { makeProbe, type Probe, type ProbeOptions } from '../roofline/probe.ts';
import { report, type PartSettings } from './process.ts';
import read from './read.wgsl?raw';

const SAMPLES = 9;
const QUICK_SAMPLES = 3;

/** Work is made twice as long until a sample takes so many milliseconds, so that submitting it weighs little. */
const LONG_MS = 30;

const BINDINGS = [1, 5, 9];
const BARRIER_THREADS = [32, 64, 128, 256];
const BARRIER_LOOPS = 1000;
const READ_THREADS = 2 ** 17;
/** Less than the second cache of a large card holds, and more, where the device allows so much in one piece. */
const READ_BYTES = { cache: 2 ** 24, memory: 2 ** 28 };
const FMA = { threads: 2 ** 18, loops: 1024 };
const QUICK_FMA = { threads: 2 ** 16, loops: 128 };

interface Question {
  what: string;
  unit: string;
  probe: ProbeOptions;
  /** From milliseconds of one dispatch. */
  value: (milliseconds: number) => number;
  /** Default: many dispatches in one go. */
  run?: 'one dispatch' | 'read back';
}

/** What the model of costs is made of: dispatches, barriers, reads, multiply-adds, and the way to the processor and back. */
export async function probes({ quick }: PartSettings): Promise<void> {
  const device = await requestDevice();
  for (const question of questions(device, quick)) {
    try {
      report({ ...(await answer(device, question, quick ? QUICK_SAMPLES : SAMPLES)) });
    } catch (error) {
      report({ what: question.what, failure: (error as Error).message });
    }
  }
  device.destroy();
}

async function requestDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('probes: Dawn finds no adapter.');
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
  });
}

function questions({ limits }: GPUDevice, quick: boolean): Question[] {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const { threads, loops } = quick ? QUICK_FMA : FMA;
  const nothing: ProbeOptions = { source: withBindings(1), workgroups: 1, bytes: [4] };
  const microseconds = (milliseconds: number) => 1000 * milliseconds;
  return [
    ...BINDINGS.map((count) => ({
      what: `dispatch that waits for the one before, ${count} bound`,
      unit: 'µs',
      probe: { source: withBindings(count), workgroups: 1, bytes: Array.from({ length: count }, () => 4) },
      value: microseconds,
    })),
    ...BARRIER_THREADS.map((THREADS) => ({
      what: `barrier of ${THREADS} threads`,
      unit: 'ns',
      probe: { source: barriers, constants: { LOOPS: BARRIER_LOOPS, THREADS }, workgroups: 1, bytes: [4 * THREADS] },
      value: (milliseconds: number) => (1e6 * milliseconds) / (2 * BARRIER_LOOPS),
    })),
    ...Object.entries(READ_BYTES).map(([from, wanted]) => {
      const bytes = Math.min(wanted, 2 ** Math.floor(Math.log2(most)));
      const VECTORS = bytes / 16;
      const LOOPS = READ_BYTES.memory / 16 / READ_THREADS;
      return {
        what: `reads from ${from}, ${bytes / 2 ** 20} MiB`,
        unit: 'GB/s',
        probe: {
          source: read,
          constants: { LOOPS, VECTORS },
          workgroups: READ_THREADS / 256,
          bytes: [bytes, 4 * READ_THREADS],
        },
        value: (milliseconds: number) => (16 * LOOPS * READ_THREADS) / 1e6 / milliseconds,
      };
    }),
    {
      what: 'multiply-adds, two operations each',
      unit: 'GFLOP/s',
      probe: { source: multiplyAdd, constants: { LOOPS: loops }, workgroups: threads / 64, bytes: [4 * threads] },
      value: (milliseconds) => (64 * loops * threads) / 1e6 / milliseconds,
    },
    { what: 'submit until mapped', unit: 'µs', probe: nothing, value: microseconds, run: 'read back' },
    { what: 'submit until onSubmittedWorkDone', unit: 'µs', probe: nothing, value: microseconds, run: 'one dispatch' },
  ];
}

/** Reads all bindings but the last, which it writes: so each dispatch waits for the one before. */
function withBindings(count: number): string {
  const inputs = Array.from({ length: count - 1 }, (_, n) => n);
  return [
    ...inputs.map((n) => `@group(0) @binding(${n}) var<storage, read> in_${n}: array<f32>;`),
    `@group(0) @binding(${count - 1}) var<storage, read_write> out: array<f32>;`,
    `@compute @workgroup_size(1) fn main() { out[0] = ${['1.0', ...inputs.map((n) => `in_${n}[0]`)].join(' + ')}; }`,
  ].join('\n');
}

async function answer(device: GPUDevice, { what, unit, probe: options, value, run }: Question, count: number) {
  const probe = await makeProbe(device, options);
  try {
    const take = takerOf(probe, run);
    let times = 1;
    while ((await take(times)) < LONG_MS) times *= 2;
    const wall: number[] = [];
    const onGpu: number[] = [];
    for (let sample = 0; sample < count; sample++) {
      wall.push(value((await take(times)) / times));
      const gpuTime = run ? undefined : await probe.onGpu(times);
      // A GPU that does not tell the time gives zero for both ends.
      if (gpuTime) onGpu.push(value(gpuTime / times));
    }
    const clock = onGpu.length === count ? 'timestamps' : 'wall';
    const samples = clock === 'wall' ? wall : onGpu;
    return { what, value: summarize(samples).median, unit, clock, times, samples, wall };
  } finally {
    probe.dispose();
  }
}

function takerOf(probe: Probe, run: Question['run']): (times: number) => Promise<number> {
  if (run === undefined) return (times) => probe.dispatch(times);
  if (run === 'read back') return (times) => probe.readBack(times);
  return async (times) => {
    let sum = 0;
    for (let time = 0; time < times; time++) sum += await probe.dispatch(1);
    return sum;
  };
}
