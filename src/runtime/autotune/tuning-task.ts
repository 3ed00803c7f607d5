import type { Gpu } from '../gpu.ts';
import type { MakeFrames, Plan } from '../plan.ts';
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { costModel, WORTH_TUNING } from './cost-model.ts';
import type { TaskIdentity } from './tuning-cache.ts';

/** One of several implementations of a task; its name tells it from the others. */
export interface Candidate {
  readonly name: string;
}

/** A piece of work with several implementations, whose results differ by roundings alone. */
export interface TuningTask<C extends Candidate = Candidate> extends TaskIdentity {
  /** The first one is the default, taken where nothing was measured. */
  candidates: readonly C[];
  /** About how many multiply-adds the task takes: a little work is not worth measuring. */
  work: number;
  /** Records the task, or a part of it, for a benchmark. @returns the multiply-adds of what it recorded */
  record: (candidate: C, scratch: Scratch) => number;
}

/** The plan and the memory of a benchmark, which are gone after it. */
export interface Scratch {
  readonly plan: Plan;
  /** Makes a tensor, zero or with this data. All candidates get the same one for a label and a shape. */
  tensor: (label: string, shape: Shape, data?: Float32Array<ArrayBuffer>) => Tensor;
  frames: MakeFrames;
}

/** The candidate that was chosen, and why. */
export interface Decision<C extends Candidate = Candidate> {
  candidate: C;
  /** The reason in a few words, as `explain()` shows it. */
  why: string;
  /** Multiply-adds per millisecond, by which long work is cut into dispatches. */
  throughput: number;
  /** Whether the task is worth measuring, and nobody has measured it. */
  needsTuning: boolean;
}

/** The fastest candidate as far as is known, otherwise the default. */
export function decide<C extends Candidate>(gpu: Gpu, task: TuningTask<C>): Decision<C> {
  const { candidates, work } = task;
  const { isTuning } = gpu.tuningCache;
  const best = gpu.tuningCache.get(task);
  const candidate = candidates.find(({ name }) => name === best?.name);
  if (best && candidate) return { candidate, why: best.why, throughput: best.throughput, needsTuning: false };
  const isChoice = candidates.length > 1;
  const isWorthIt = work >= WORTH_TUNING;
  const { throughput } = costModel(gpu);
  return { candidate: candidates[0], why: why(), throughput, needsTuning: isChoice && isWorthIt && isTuning };

  function why(): string {
    if (!isChoice) return 'the only candidate';
    if (!isTuning) return 'by rule: tuning is off';
    return isWorthIt ? 'by rule: not measured yet' : 'by rule: too little work to measure';
  }
}
