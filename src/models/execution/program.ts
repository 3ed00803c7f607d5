import type { TuningTask } from '../../runtime/autotune/tuning-task.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import type { Shape } from '../../runtime/shape.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import type { Compiled } from './compiled.ts';
import type { Agenda } from './agenda.ts';

/** What an update does: train on its batch, test on it, or predict. */
export type Mode = 'train' | 'test' | 'predict';

/** What a data set asks of a program beyond inputs and targets. */
export interface Demands {
  /** Batches are stretches of longer samples. */
  isWindowed?: boolean;
  /** Samples, or their steps, have weights. */
  isWeighted?: boolean;
  /** Samples have lengths, and what lies behind is padding. */
  isMasked?: boolean;
  /** States are reset at steps within samples. */
  isReset?: boolean;
  /** The states of layers that samples bring with them, by name. */
  initialStates?: readonly string[];
}

/** How updates are cut into dispatches: see `SequentialOptions`. */
export const SCHEDULES = ['auto', 'resident', 'layered', 'fused', 'stepped', 'wavefront'] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** How a part of a model is done, and why so. */
export interface Explanation {
  layer: string;
  part: string;
  /** The candidate that was chosen, by its name. */
  decision: string;
  why: string;
}

/** Updates of one network for one batch size and one number of steps, with all the memory they need. */
export interface Program {
  readonly mode: Mode;
  /** What it reports to; nothing if it predicts. */
  readonly compiled?: Compiled;
  /** B, rows of a batch. */
  readonly rows: number;
  /** T, time steps of the input. */
  readonly steps: number;
  readonly inputSample: Shape;
  readonly outputSample: Shape;
  readonly targetSample: Shape;
  readonly agenda: Agenda;
  /** Bytes on the device that are its own. */
  readonly byteLength: number;
  /** Multiply-adds of an update, roughly; what else it takes counts as so many. */
  readonly work: number;
  /** Tasks of its work that are worth measuring, and that nobody has measured. */
  readonly tuningTasks: readonly TuningTask[];
  /** How its layers are done. */
  readonly explanations: readonly Explanation[];
  /** Takes the memory that it needs on the device. A program that only tells its tuning tasks has none. */
  allocate(): void;
  /** Prepares it to run on these samples, with states in these slots; default: those of the network. */
  attach(samples: Samples, slots?: StateSlots): Run;
  /** The same for a batch that is written and read where it lies in the program. Those that predict have it. */
  inPlace?(slots?: StateSlots): RunInPlace;
  /** Settles when the device has accepted it; absent where nobody watched. */
  accepted?: Promise<void>;
  dispose(): void;
}

/** Samples on the GPU: inputs, targets to train or test on, and a place for predictions. */
export interface Samples {
  x: Tensor;
  y?: Tensor;
  /** How much each sample, or each step of it, weighs: [N, 1] or [N, T, 1]. */
  weights?: Tensor;
  /** 1 for each step that counts: [N, T, 1]. */
  mask?: Tensor;
  /** 1 for each step before which states are reset: [N, T, 1]. */
  resets?: Tensor;
  /** What samples start from, by the name of the state: [N, units]. */
  states?: ReadonlyMap<string, Tensor>;
  results?: Tensor;
  /** Places for states after the last step, by the name of the state: [N, units]. */
  finalStates?: ReadonlyMap<string, Tensor>;
}

export interface Run {
  /** Settles when every kernel, or the baseline that stands in for it, has compiled. */
  ready: Promise<unknown>;
  /** Encodes the first `count` updates of the agenda. */
  encode(pass: GPUComputePassEncoder, count: number): void;
}

export interface RunInPlace extends Run {
  places: Places;
}

/** Where a batch lies in a program: with its steps first, [T, B, ...]. */
export interface Places {
  x: Tensor;
  mask?: Tensor;
  /** Before the first step, of those states that samples bring with them. */
  states: readonly Tensor[];
  output: Tensor;
  /** After the last step, of those layers that return them. */
  finalStates: readonly Tensor[];
}
