import { LimitError } from './errors.ts';
import { Frames } from './frames.ts';
import type { Gpu } from './gpu.ts';
import { Plan } from './plan.ts';
import { UNKNOWN_PACE, type Question, type Stage } from './question.ts';
import { shapeText } from './shape.ts';
import { timePlans } from './stopwatch.ts';
import { Tensor } from './tensor.ts';

/** How much faster than the rule's way another one must be, since measurements have errors. */
const CLEARLY = 0.95;

/** Compiling for longer than that costs more than a faster way would soon bring back: ways beyond two are not tried. */
const LONGEST_COMPILATION_MS = 700;

/** Times the ways to do each piece of work, and notes the winners. */
export async function rehearse(gpu: Gpu, questions: readonly Question[]): Promise<void> {
  for (const question of questions) await rehearseOne(gpu, question);
  await gpu.winners.keep();
}

async function rehearseOne(gpu: Gpu, { key, ways, rehearse: record }: Question): Promise<void> {
  const made: { dispose(): void }[] = [];
  const stage = makeStage(gpu, made);
  try {
    const works: number[] = [];
    const plans: Plan[] = [];
    const start = performance.now();
    for (const way of ways) {
      const plan = new Plan(gpu);
      works.push(record(way, { ...stage, plan }));
      plans.push(plan);
      await plan.ready();
      if (plans.length > 1 && performance.now() - start > LONGEST_COMPILATION_MS) break;
    }
    const times = await timePlans(gpu, plans);
    const fastest = times.indexOf(Math.min(...times));
    const winner = times[fastest] < CLEARLY * times[0] ? fastest : 0;
    const list = times.map((time, index) => `${ways[index].name}: ${time.toPrecision(2)} ms`);
    const pace = works[winner] / times[winner];
    gpu.winners.set(key, { name: ways[winner].name, pace, why: `measured: ${list.join('; ')}` });
  } catch (error) {
    // There may be room for the work, but not for a rehearsal beside it.
    if (!(error instanceof LimitError)) throw error;
    gpu.winners.set(key, { name: ways[0].name, pace: UNKNOWN_PACE, why: 'by rule: too large to rehearse' });
  } finally {
    for (const item of made) item.dispose();
  }
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
    frames: (list) => {
      const frames = Frames.of(gpu, 'rehearsal', list);
      made.push(frames);
      return frames.bindings;
    },
  };
}
