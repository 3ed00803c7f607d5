import type { TuningTask } from '../../runtime/autotune/tuning-task.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import type { TracedLayer } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';
import type { Compiled } from './compiled.ts';
import type { Agenda, LayeredAgenda } from './agenda.ts';
import type { ChannelName, Channels, Outputs } from './channels.ts';
import type { Schedule } from './schedule.ts';

/** The kind of an update: it trains on its batch, tests on it, or predicts. */
export type Mode = 'train' | 'test' | 'predict';

/** The key of a program: the form of its batches, and the kind of its updates. */
export interface ProgramKey {
  /** How error messages name the call; makes no difference to the program. */
  where: string;
  mode: Mode;
  /** B, the rows of a batch. */
  rows: number;
  /** T, the time steps of a batch. */
  steps: number;
  channels: readonly ChannelName[];
  /** Whether batches are chunks of streams: see `Recording.continuesOutput`. */
  continuesOutput?: boolean;
  /** Whether the gates and states of all steps are stored, to be looked at. */
  traces?: boolean;
  /** Whether rows start from zero, or from the states that samples bring, and leave the states in slots alone. */
  isAside?: boolean;
  /** Whether batches are windows of the steps of longer samples. */
  isWindowed?: boolean;
  /** The loss, metrics and optimizer of a program that trains or tests. */
  compiled?: Compiled;
}

/** How a part of a model is computed, and why. */
export interface Explanation {
  layer: string;
  part: string;
  /** The candidate that was chosen, by its name. */
  decision: string;
  why: string;
}

/** The dispatches of a network's updates for one batch size and number of steps, with the memory that they need. */
export interface Program {
  readonly mode: Mode;
  /** The loss, metrics and optimizer of the updates; absent if they predict. */
  readonly compiled?: Compiled;
  /** B, rows of a batch. */
  readonly rows: number;
  /** T, time steps of the input. */
  readonly steps: number;
  readonly agenda: Agenda;
  /** Whether each update notes in the journal how many of its steps are not masked. */
  readonly countsSteps?: boolean;
  /** How many bytes its own memory takes on the device. */
  readonly byteLength: number;
  /** The estimated work of an update in multiply-adds, with the overhead of its dispatches converted to that unit. */
  readonly work: number;
  /** The tuning tasks of its parts that are worth measuring and have no result yet. */
  readonly tuningTasks: readonly TuningTask[];
  /** How its layers are computed, for `explain`. */
  readonly explanations: readonly Explanation[];
  /** Allocates its memory on the device; its tuning tasks are known without. */
  allocate(): void;
  /** The program's own tensors for a batch to predict, time-major [T, B, ...], and its agenda; absent if it cannot predict. */
  readonly batch?: Required<Pick<Samples, 'inputs' | 'outputs'>> & { agenda: LayeredAgenda };
  /** The recurrent layers in their order, with the gates and states of their steps, if it stores those. */
  readonly traced?: readonly TracedLayer[];
  /** Records the plans that connect the program to these samples. */
  attach(samples: Samples): Replay;
  /** Settles when the device has accepted the program's memory; absent if that is not watched. */
  accepted?: Promise<void>;
  dispose(): void;
}

/** Records the program for a network and a batch, of which nothing is allocated on the device yet. */
export type CreateProgram = (gpu: Gpu, network: Network, key: ProgramKey, schedule: Schedule) => Program;

/** Samples on the GPU. Without inputs the caller writes into the program's own batch, and without outputs reads from it. */
export interface Samples {
  inputs?: Channels<Tensor>;
  outputs?: Outputs<Tensor>;
  /** The slots that hold states. Default: those of the network. */
  slots?: StateSlots;
}

/** Consecutive rows of a batch that continue consecutive slots: `count` of them, from `row` and from `slot` on. */
export interface SlotRun {
  row: number;
  slot: number;
  count: number;
  /** Whether their states start from zero. */
  isReset: boolean;
}

/** The plans of a program, bound to samples. */
export interface Replay {
  /** Settles when every kernel, or the baseline that stands in for it, has compiled. */
  ready: Promise<unknown>;
  /** Encodes the first `count` updates of the agenda. */
  encode(pass: GPUComputePassEncoder, count: number): void;
  /** Encodes one update of the agenda, so that its batch can be copied in and out around it; absent if it cannot predict. */
  encodeOne?(pass: GPUComputePassEncoder, index: number): void;
  /**
   * Encodes one update as `encodeOne` does, but copies its states from and to these slots, which takes a software adapter far
   * less time, and does not read the agenda.
   */
  encodeRuns?(encoder: GPUCommandEncoder, runs: readonly SlotRun[]): void;
}
