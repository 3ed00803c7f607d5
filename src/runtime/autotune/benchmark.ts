import { LimitError } from '../errors.ts';
import { Frames } from '../frames.ts';
import type { Gpu } from '../gpu.ts';
import { Plan } from '../plan.ts';
import { shapeText } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { CLEARLY_FASTER, costModel } from './cost-model.ts';
import { Stopwatch } from './stopwatch.ts';
import { isThroughput } from './tuning-cache.ts';
import type { Scratch, TuningTask } from './tuning-task.ts';

/** Times the candidates of each task and notes the best. One benchmark runs at a time, since two would slow each other down. */
export function benchmark(gpu: Gpu, tasks: readonly TuningTask[]): Promise<void> {
  const turn = (turns.get(gpu) ?? Promise.resolve()).then(() => benchmarkAll(gpu, tasks));
  turns.set(
    gpu,
    turn.catch(() => {}),
  );
  return turn;
}

/** The last benchmark of each GPU. */
const turns = new WeakMap<Gpu, Promise<void>>();

async function benchmarkAll(gpu: Gpu, tasks: readonly TuningTask[]): Promise<void> {
  const stopwatch = await Stopwatch.make(gpu);
  try {
    for (const task of tasks) {
      if (stopwatch) await benchmarkOne(gpu, task, stopwatch);
      else takeDefault(gpu, task, 'the clock is too coarse to measure');
    }
  } finally {
    stopwatch?.dispose();
  }
  gpu.assertUsable('benchmark');
  gpu.tuningCache.save();
}

async function benchmarkOne(gpu: Gpu, task: TuningTask, stopwatch: Stopwatch): Promise<void> {
  const { candidates } = task;
  const memory: { dispose(): void }[] = [];
  try {
    const { plans, works } = await compile(gpu, task, memory);
    const times = await stopwatch.time(plans);
    const fastest = times.indexOf(Math.min(...times));
    const best = times[fastest] < CLEARLY_FASTER * times[0] ? fastest : 0;
    const throughput = works[best] / times[best];
    if (!isThroughput(throughput)) return takeDefault(gpu, task, 'it took too long to measure');
    const list = times.map((time, index) => `${candidates[index].name}: ${Number(time.toPrecision(2))} ms`);
    const why = `measured: ${list.join('; ')}`;
    gpu.tuningCache.set(task, { name: candidates[best].name, throughput, why, isMeasured: true });
  } catch (error) {
    // There may be room for the work, but not for a benchmark beside it.
    if (!(error instanceof LimitError)) throw error;
    takeDefault(gpu, task, 'too large to measure');
  } finally {
    for (const item of memory) item.dispose();
  }
}

/** Notes the default, so that this GPU does not try to measure again. */
function takeDefault(gpu: Gpu, task: TuningTask, reason: string): void {
  const [{ name }] = task.candidates;
  const { throughput } = costModel(gpu);
  gpu.tuningCache.set(task, { name, throughput, why: `by rule: ${reason}`, isMeasured: false });
}

/** Records and compiles a plan for each candidate, or for the first ones if compiling takes long on a software adapter. */
async function compile(gpu: Gpu, { key, candidates, record }: TuningTask, memory: { dispose(): void }[]) {
  const scratch = makeScratch(gpu, memory);
  const plans: Plan[] = [];
  const works: number[] = [];
  const accepted: Promise<void>[] = [];
  const start = performance.now();
  for (const candidate of candidates) {
    const plan = new Plan(gpu);
    const recorded = gpu.watch(`benchmark of ${key}`, () => {
      const work = record(candidate, { ...scratch, plan });
      plan.bind();
      return work;
    });
    works.push(recorded.result);
    accepted.push(recorded.accepted);
    plans.push(plan);
    if (!gpu.isSoftware) continue;
    await plan.optimized();
    if (plans.length > 1 && performance.now() - start > costModel(gpu).compilationMs) break;
  }
  // A GPU's driver compiles on several cores.
  await Promise.all(plans.map((plan) => plan.optimized()));
  // An invalid dispatch does nothing, and would be timed as very fast, so an error of the device ends the benchmark.
  await Promise.all(accepted);
  return { plans, works };
}

/** Memory that all candidates of a task share, since they run one after the other. */
function makeScratch(gpu: Gpu, memory: { dispose(): void }[]): Omit<Scratch, 'plan'> {
  const tensors = new Map<string, Tensor>();
  return {
    tensor: (label, shape, data) => {
      const key = `${label} ${shapeText(shape)}`;
      let tensor = tensors.get(key);
      if (!tensor) {
        tensor = Tensor.planned(gpu, `benchmark: ${label}`, shape, data);
        tensors.set(key, tensor);
        memory.push(tensor);
      }
      return tensor;
    },
    frames: (struct, list) => {
      const frames = Frames.of(gpu, 'benchmark', struct, list);
      memory.push(frames);
      return frames.bindings;
    },
  };
}
