import type { Gpu } from '../../../runtime/gpu.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Channels } from '../../execution/channels.ts';
import type { Program, Replay, Samples, SlotRun } from '../../execution/program.ts';
import { Acceptance } from './acceptance.ts';

/** The numbers of some samples. */
export type SampleData = Channels<Float32Array<ArrayBuffer>>;

/** Memory from which a program takes its batches: a data set, or the batch of the program itself. */
export interface BatchSource extends Pick<Samples, 'inputs' | 'outputs'> {
  /** How many samples it holds. */
  readonly capacity: number;
  /** How many bytes it takes on the device, besides those of the program. */
  readonly byteLength: number;
  /** Settles when the device has accepted its memory; absent if that is not watched. */
  readonly accepted?: Promise<void>;
  /** Writes samples from number `first` on; takes effect before what is submitted next. */
  write(first: number, data: SampleData): void;
  dispose(): void;
}

/** A program bound to the memory that it works on. */
export class BoundProgram<S extends BatchSource = BatchSource> {
  /** Settles when every kernel has compiled and the device has accepted all memory. */
  readonly ready: Promise<unknown>;
  /** Whether the device accepted the updates of a run; single calls learn that from their own reading or report. */
  readonly acceptance = new Acceptance();
  readonly #replay: Replay;

  /** @param slots temporary ones; default: those of the network */
  constructor(
    gpu: Gpu,
    readonly program: Program,
    readonly source: S,
    readonly slots?: StateSlots,
  ) {
    const { inputs, outputs } = source;
    const what = `A batch of ${program.rows} samples with ${program.steps} steps`;
    const { result: replay, accepted } = gpu.watch(what, () => program.attach({ inputs, outputs, slots }));
    this.#replay = replay;
    this.ready = Promise.all([source.accepted, program.accepted, accepted, replay.ready]);
    // Whoever sends updates awaits `ready`; a failure before that must not count as unhandled.
    this.ready.catch(() => {});
  }

  /** Encodes the first `count` updates of the agenda. */
  encode(pass: GPUComputePassEncoder, count: number): void {
    this.#replay.encode(pass, count);
  }

  /** Encodes one update of the agenda of a program that predicts. */
  encodeOne(pass: GPUComputePassEncoder, index: number): void {
    this.#replay.encodeOne!(pass, index);
  }

  /** Encodes one update of a program that predicts, whose rows continue these slots. The agenda is not read. */
  encodeRuns(encoder: GPUCommandEncoder, runs: readonly SlotRun[]): void {
    this.#replay.encodeRuns!(encoder, runs);
  }
}

/** An update of a batch: over all of its steps, or over a window of them. */
export interface Window {
  bound: BoundProgram;
  firstStep: number;
  /** The fraction of the batch's steps that it has; absent if it has all. */
  share?: number;
}
