import { recordPass } from '../../runtime/gpu.ts';
import type { Piece } from '../../runtime/readback.ts';
import type { ProgramKey } from '../execution/program.ts';
import type { Network } from '../network/network.ts';
import type { BatchInPlace } from '../training/data/batch-in-place.ts';
import type { BoundProgram } from '../training/engine/bound-program.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { QueuedWork, Sent } from '../training/engine/update-queue.ts';
import type { Chunk } from './chunk.ts';
import { cut, type Sequence, type StreamUpdate } from './cut.ts';
import { Push } from './push.ts';
import type { Room } from './room.ts';
import type { Upload } from './upload.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** Steps of one stream that follow each other, with the chunks as which they were pushed. */
class PushedSequence implements Sequence {
  readonly pushes: Push[] = [];
  isBegun = false;

  constructor(
    readonly slot: number,
    /** Whether its state is zero at first. */
    readonly isReset: boolean,
  ) {}

  get steps(): number {
    return this.pushes.at(-1)!.endStep;
  }
}

/** An update and the program that computes it. */
interface BoundUpdate extends StreamUpdate<PushedSequence> {
  readonly bound: BoundProgram<BatchInPlace>;
}

/**
 * Chunks that were pushed into streams in one go, which go to the GPU together: their numbers are uploaded at once, updates
 * copy them in and their outputs out on the GPU, and what a submit computes is read at once.
 */
export class PushBatch implements QueuedWork {
  /** Whether its turn has come, so that nothing more can be added. */
  isClosed = false;
  #sequences: PushedSequence[] = [];
  /** The last sequence of each slot. */
  readonly #last = new Map<number, PushedSequence>();
  /** The updates that are still to be sent. */
  #updates: BoundUpdate[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly upload: Upload,
    private readonly room: Room,
  ) {}

  /** Adds a chunk, and takes the mark of a reset from its slot. */
  add(slot: number, chunk: Chunk): Push {
    const { network } = this.engine;
    const isReset = network.streams!.takeReset(slot);
    const { outputs, areOfEachStep } = outputsOf(network);
    let sequence = this.#last.get(slot);
    // The output of a last step is that of a chunk, so chunks are not joined there.
    if (!sequence || isReset || !areOfEachStep) {
      sequence = new PushedSequence(slot, isReset);
      this.#sequences.push(sequence);
      this.#last.set(slot, sequence);
    }
    const firstStep = sequence.pushes.at(-1)?.endStep ?? 0;
    const push = new Push(chunk, firstStep, outputs * (areOfEachStep ? chunk.steps : 1));
    sequence.pushes.push(push);
    return push;
  }

  async prepare(): Promise<void> {
    this.isClosed = true;
    // A queue that several models share goes on when one of them is disposed.
    this.engine.assertOpen();
    await this.room.grow(this.#sequences.reduce((last, { slot }) => Math.max(last, slot), 0));
    this.#sequences = this.#sequences.filter((sequence) => this.#hasRoom(sequence));
    const { programs } = this.engine;
    const planned = cut(this.#sequences);
    programs.hold(this, planned.map(keyOf));
    this.#updates = planned.map((update) => ({ ...update, bound: programs.streaming(keyOf(update)) }));
    await Promise.all(new Set(this.#updates.map(({ bound }) => bound.ready)));
  }

  send(budget: number): Sent {
    const updates = this.#takeNext(budget);
    const { gpu, programs } = this.engine;
    // There is none if no push was left.
    if (updates.length > 0) {
      gpu.watch(`a push into ${updates[0].parts.length} streams`, (accepted) => this.#submit(updates, accepted));
    }
    const isLast = this.#updates.length === 0;
    if (isLast) programs.release(this);
    const work = updates.reduce((sum, { bound }) => sum + bound.program.work, 0);
    return { updates: updates.length, work, isLast };
  }

  fail(error: unknown): void {
    this.engine.programs.release(this);
    for (const sequence of this.#sequences) this.#failSequence(sequence, error);
  }

  /** Whether there is room for the state of a sequence; if not, that fails. */
  #hasRoom(sequence: PushedSequence): boolean {
    const error = this.room.errorOf(sequence.slot, sequence.isReset);
    if (error !== undefined) this.#failSequence(sequence, error);
    return error === undefined;
  }

  #failSequence({ slot, isReset, isBegun, pushes }: PushedSequence, error: unknown): void {
    // It took the mark of a reset, on which calls behind it count.
    if (isReset && !isBegun) this.room.clear(slot);
    for (const push of pushes) push.fail(error);
  }

  /** Takes updates from the front: as many as the budget and the agendas of their programs allow. */
  #takeNext(budget: number): BoundUpdate[] {
    const counts = new Map<BoundProgram, number>();
    let work = 0;
    let count = 0;
    for (const { bound } of this.#updates) {
      const ofProgram = (counts.get(bound) ?? 0) + 1;
      work += bound.program.work;
      if (count > 0 && (work > budget || ofProgram > bound.program.agenda.capacity)) break;
      counts.set(bound, ofProgram);
      count++;
    }
    return this.#updates.splice(0, count);
  }

  #submit(updates: readonly BoundUpdate[], accepted: Promise<void>): void {
    const { gpu, network } = this.engine;
    const inputs = updates.map(inputOf);
    const uploaded = this.upload.write(joined(inputs));
    const reading = gpu.readback.prepare(updates.map((update) => outputPiece(update, network)));
    const indices = this.#writeAgendas(updates);
    let offset = 0;
    try {
      gpu.submitCommands('push', (encoder) => {
        updates.forEach(({ bound }, n) => {
          const { x } = bound.source;
          encoder.copyBufferToBuffer(uploaded.buffer, 4 * offset, x.buffer, x.byteOffset, inputs[n].byteLength);
          offset += inputs[n].length;
          recordPass(encoder, 'push', (pass) => bound.encodeOne(pass, indices[n]));
          reading.encodeNext(encoder);
        });
      });
    } catch (error) {
      reading.fail(error);
      throw error;
    }
    for (const { sequence } of updates.flatMap(({ parts }) => parts)) sequence.isBegun = true;
    reading.sent(accepted);
    reading.result.then(
      (pieces) => updates.forEach((update, n) => takeOutputs(update, new Float32Array(pieces[n]), network)),
      (error: unknown) => this.#failUpdates(updates, error),
    );
  }

  /** Writes the agenda of each program. @returns the number of each update in its agenda */
  #writeAgendas(updates: readonly BoundUpdate[]): number[] {
    const counts = new Map<BoundProgram, number>();
    const indices = updates.map(({ bound, parts }) => {
      const index = counts.get(bound) ?? 0;
      counts.set(bound, index + 1);
      bound.program.agenda.set(index, [
        {
          samples: parts.map((_, row) => row),
          firstStep: 0,
          slots: parts.map(({ sequence }) => sequence.slot),
          resets: parts.map(({ sequence, firstStep }) => (sequence.isReset && firstStep === 0 ? 1 : 0)),
          journalRow: 0,
          seed: 0,
        },
      ]);
      return index;
    });
    for (const [{ program }, count] of counts) program.agenda.upload(count);
    return indices;
  }

  #failUpdates(updates: readonly BoundUpdate[], error: unknown): void {
    for (const { sequence } of updates.flatMap(({ parts }) => parts)) {
      for (const push of sequence.pushes) push.fail(error);
    }
  }
}

function keyOf({ rows, steps }: StreamUpdate<PushedSequence>): ProgramKey {
  return { where: 'stream.push', mode: 'predict', rows, steps, channels: ['x'], continuesOutput: true };
}

/** How many outputs a step has, and whether there are outputs of each step or of the last one of a chunk. */
export function outputsOf({ outputShape }: Network): { outputs: number; areOfEachStep: boolean } {
  return { outputs: outputShape.at(-1)!, areOfEachStep: outputShape.length === 2 };
}

/** The input of an update, time-major [steps, rows, features], with zeros in empty rows. */
function inputOf({ rows, steps, parts, bound }: BoundUpdate): Numbers {
  const input = new Float32Array(bound.source.x.size);
  const features = input.length / (steps * rows);
  parts.forEach(({ sequence, firstStep }, row) => {
    forPushes(sequence, firstStep, steps, ({ chunk }, from, to, at) => {
      for (let step = from; step < to; step++) {
        const target = ((at + step - from) * rows + row) * features;
        input.set(chunk.data.subarray(step * features, (step + 1) * features), target);
      }
    });
  });
  return input;
}

/** The memory of an update's outputs: without empty rows if it has a single step. */
function outputPiece({ parts, bound }: BoundUpdate, network: Network): Piece {
  const { output } = bound.source;
  const { outputs } = outputsOf(network);
  const isOneStep = output.size === bound.program.rows * outputs;
  return { ...output.piece, bytes: isOneStep ? 4 * parts.length * outputs : output.byteLength };
}

/** Hands the outputs of an update, time-major, to the pushes that they belong to. */
function takeOutputs({ rows, steps, parts }: BoundUpdate, all: Numbers, network: Network): void {
  const { outputs, areOfEachStep } = outputsOf(network);
  const outputsAt = (step: number, row: number) => {
    const first = (step * rows + row) * outputs;
    return all.subarray(first, first + outputs);
  };
  parts.forEach(({ sequence, firstStep }, row) => {
    forPushes(sequence, firstStep, steps, (push, from, to, at) => {
      if (areOfEachStep) {
        for (let step = from; step < to; step++) push.take(outputsAt(at + step - from, row), step * outputs);
      } else if (to === push.chunk.steps) {
        push.take(outputsAt(0, row), 0);
      }
    });
  });
}

/**
 * Goes through the pushes that a part of a sequence is made of.
 *
 * @param visit gets the steps of the push that belong to the part, and the step of the part at which they begin
 */
function forPushes(
  { pushes }: PushedSequence,
  firstStep: number,
  steps: number,
  visit: (push: Push, from: number, to: number, at: number) => void,
): void {
  const endStep = firstStep + steps;
  for (let n = pushAt(pushes, firstStep); pushes[n]?.firstStep < endStep; n++) {
    const push = pushes[n];
    const begin = Math.max(push.firstStep, firstStep);
    const end = Math.min(push.endStep, endStep);
    visit(push, begin - push.firstStep, end - push.firstStep, begin - firstStep);
  }
}

/** The number of the push that has a step of the sequence, by bisection, since thousands may be queued in one go. */
function pushAt(pushes: readonly Push[], step: number): number {
  let [low, high] = [0, pushes.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (pushes[middle].endStep > step) high = middle;
    else low = middle + 1;
  }
  return low;
}

function joined(arrays: readonly Numbers[]): Numbers {
  if (arrays.length === 1) return arrays[0];
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const array of arrays) {
    all.set(array, end);
    end += array.length;
  }
  return all;
}
