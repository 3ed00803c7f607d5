import type { AdapterClass } from '../adapter.ts';

/**
 * Every constant by which work is measured, cut and batched, for each class of adapters. Work is counted in multiply-adds,
 * throughput in multiply-adds per millisecond. Sizes at which one kernel is likely to beat another stand with the candidates.
 */
export interface CostModel {
  /**
   * Throughput assumed where nothing was measured: that of a slow adapter of the class, whose dispatches are still short, while
   * those of a fast one outlast their overhead.
   */
  throughput: number;
  /** Overhead of a dispatch besides its work, in milliseconds. */
  dispatchMs: number;
  /** Candidates beyond two are not tried once compiling has taken this long. */
  compilationMs: number;
  benchmark: BenchmarkSize;
  timing: Timing;
}

/** The largest part of a task that a benchmark runs. */
export interface BenchmarkSize {
  /** Time steps: enough to tell which candidate is faster, whatever the length of sequences is. */
  steps: number;
  /** Time steps of a stack of layers: more, since a wavefront fills and empties at the ends. */
  stackSteps: number;
  /** Terms of the sum of each element of a product, its K. */
  factors: number;
  /** Multiply-adds. */
  work: number;
  /** Numbers in the factors and results of a product, whose memory is taken beside the model's. */
  numbers: number;
  /** Throughput by which a product is cut into dispatches, whichever candidate is timed. */
  throughput: number;
}

/** How long candidates are timed. */
export interface Timing {
  /** Work before anything is timed: a GPU that idled runs at a fraction of its clock rate. */
  warmUpMs: number;
  /** Length of a sample, so that submitting and waiting weigh little. */
  sampleMs: number;
  /** Samples after which a candidate that is hopelessly slow is timed no further. */
  samplesToJudge: number;
}

/** A software adapter compiles slowly, one kernel at a time, and a small part of the work shows which candidate is fastest. */
const SOFTWARE: CostModel = {
  throughput: 1e6,
  dispatchMs: 0.02,
  compilationMs: 700,
  benchmark: { steps: 16, stackSteps: 32, factors: 4096, work: 1e8, numbers: Infinity, throughput: 1e8 },
  timing: { warmUpMs: 0, sampleMs: 4, samplesToJudge: 0 },
};

/** A GPU shows which candidate is fastest only once it is full, so work is timed at full size where that does not take long. */
const DISCRETE: CostModel = {
  throughput: 1e8,
  dispatchMs: 0.004,
  compilationMs: Infinity,
  benchmark: { steps: 32, stackSteps: 32, factors: Infinity, work: 2e10, numbers: 2 ** 26, throughput: 1e8 },
  timing: { warmUpMs: 50, sampleMs: 20, samplesToJudge: 3 },
};

/** From 0.4 TFLOP/s at their peak (Intel UHD 620) to some TFLOP/s (Apple), of which kernels reach a fifth or more. */
const INTEGRATED: CostModel = {
  ...DISCRETE,
  throughput: 3e7,
  benchmark: { ...DISCRETE.benchmark, work: 5e9, numbers: 2 ** 25, throughput: 3e7 },
};

/** Phones are slower by another factor, have less memory, and what they compute in a second warms them. */
const PHONE: CostModel = {
  ...DISCRETE,
  throughput: 1e7,
  benchmark: { ...DISCRETE.benchmark, work: 1e9, numbers: 2 ** 24, throughput: 1e7 },
};

const COST_MODELS: Record<AdapterClass, CostModel> = {
  software: SOFTWARE,
  discrete: DISCRETE,
  integrated: INTEGRATED,
  phone: PHONE,
};

export function costModel({ adapterClass }: { adapterClass: AdapterClass }): CostModel {
  return COST_MODELS[adapterClass];
}

/** With fewer multiply-adds than this, all candidates take about as long as it takes to submit them. */
export const WORTH_TUNING = 5e6;

/** Another candidate replaces the default if it takes less than this fraction of its time, since measurements have errors. */
export const CLEARLY_FASTER = 0.95;

/** A candidate that takes so many times longer than the fastest is timed no further. */
export const TOO_SLOW = 1.5;

/** Samples of each candidate; candidates take turns. */
export const SAMPLES = 7;

/** The share of samples that are shorter than the one that counts: few, since other work only makes samples longer. */
export const QUANTILE = 1 / 4;

/** Limits of timing a task: after `MAX_TASK_MS` no further sample is taken; above `LONG_REPLAY_MS` a single one decides. */
export const MAX_TASK_MS = 3000;
export const LONG_REPLAY_MS = 100;

/** Overhead of a time step besides its products, as work: barriers and activations. */
export const STEP_WORK = 2e4;

/** Overhead of an update in the resident kernel besides its products, as work: barriers, activations and the optimizer. */
export const RESIDENT_UPDATE_WORK = 2e4;

/** The longest dispatch: short enough to stop, and to draw a page after it. */
export const DISPATCH_MS = 50;

/** The shortest and the longest time of a submit: long enough to keep the GPU busy, short enough to stop and to draw a page. */
export const SUBMIT_MS = { least: 20, most: 40 };
