import { LimitError } from './errors.ts';
import { Frames } from './frames.ts';
import type { Gpu } from './gpu.ts';
import { Plan } from './plan.ts';
import type { Question, Stage } from './question.ts';
import { shapeText } from './shape.ts';
import { Stopwatch } from './stopwatch.ts';
import { Tensor } from './tensor.ts';
import { isPace } from './winners.ts';

/** How much faster than the rule's way another one must be, since measurements have errors. */
const CLEARLY = 0.95;

/**
 * On a software adapter, which compiles one kernel after the other: compiling for longer than that costs more than a faster
 * way would soon bring back, so that ways beyond two are not tried.
 */
const LONGEST_COMPILATION_MS = 700;

/** Times the ways to do each piece of work, and notes the winners. One rehearsal at a time, since two would slow each other. */
export function rehearse(gpu: Gpu, questions: readonly Question[]): Promise<void> {
  const turn = (turns.get(gpu) ?? Promise.resolve()).then(() => rehearseAll(gpu, questions));
  turns.set(
    gpu,
    turn.catch(() => {}),
  );
  return turn;
}

/** The last rehearsal of each GPU. */
const turns = new WeakMap<Gpu, Promise<void>>();

async function rehearseAll(gpu: Gpu, questions: readonly Question[]): Promise<void> {
  const stopwatch = await Stopwatch.make(gpu);
  for (const question of questions) {
    if (stopwatch) await rehearseOne(gpu, question, stopwatch);
    else takeRule(gpu, question, 'the clock is too coarse to measure');
  }
  gpu.assertUsable('rehearsal');
  gpu.winners.keep();
}

async function rehearseOne(gpu: Gpu, question: Question, stopwatch: Stopwatch): Promise<void> {
  const { key, ways } = question;
  const made: { dispose(): void }[] = [];
  try {
    const { plans, works } = await record(gpu, question, made);
    const times = await stopwatch.time(plans);
    const fastest = times.indexOf(Math.min(...times));
    const winner = times[fastest] < CLEARLY * times[0] ? fastest : 0;
    const pace = works[winner] / times[winner];
    if (!isPace(pace)) return takeRule(gpu, question, 'it took too long to measure');
    const list = times.map((time, index) => `${ways[index].name}: ${time.toPrecision(2)} ms`);
    gpu.winners.set(key, { name: ways[winner].name, pace, why: `measured: ${list.join('; ')}`, isMeasured: true });
  } catch (error) {
    // There may be room for the work, but not for a rehearsal beside it.
    if (!(error instanceof LimitError)) throw error;
    takeRule(gpu, question, 'too large to rehearse');
  } finally {
    for (const item of made) item.dispose();
  }
}

/** Notes the first way, so that this GPU does not try to measure again. */
function takeRule({ winners }: Gpu, { key, ways: [{ name }] }: Question, reason: string): void {
  winners.set(key, { name, pace: winners.assumedPace, why: `by rule: ${reason}`, isMeasured: false });
}

/** Records and compiles a plan for each way, or for the first of them, and tells the multiply-adds of each. */
async function record(gpu: Gpu, { key, ways, rehearse }: Question, made: { dispose(): void }[]) {
  const stage = makeStage(gpu, made);
  const plans: Plan[] = [];
  const works: number[] = [];
  const accepted: Promise<void>[] = [];
  const start = performance.now();
  for (const way of ways) {
    const plan = new Plan(gpu);
    const recorded = gpu.watch(`rehearsal of ${key}`, () => rehearse(way, { ...stage, plan }));
    works.push(recorded.result);
    accepted.push(recorded.accepted);
    plans.push(plan);
    if (!gpu.isSoftware) continue;
    await plan.optimized();
    if (plans.length > 1 && performance.now() - start > LONGEST_COMPILATION_MS) break;
  }
  // A GPU's driver compiles on several cores.
  await Promise.all(plans.map((plan) => plan.optimized()));
  // What the device refused would be timed as very fast.
  await Promise.all(accepted);
  return { plans, works };
}

/** Memory for one way after the other: what has the same label and shape is the same. */
function makeStage(gpu: Gpu, made: { dispose(): void }[]): Omit<Stage, 'plan'> {
  const tensors = new Map<string, Tensor>();
  return {
    tensor: (label, shape) => {
      const key = `${label} ${shapeText(shape)}`;
      let tensor = tensors.get(key);
      if (!tensor) {
        tensor = Tensor.create(gpu, `rehearsal: ${label}`, shape);
        tensors.set(key, tensor);
        made.push(tensor);
      }
      return tensor;
    },
    frames: (struct, list) => {
      const frames = Frames.of(gpu, 'rehearsal', struct, list);
      made.push(frames);
      return frames.bindings;
    },
  };
}
