import { recordPass } from '../../runtime/gpu.ts';
import { entryOf } from '../execution/agenda.ts';
import type { ProgramKey } from '../execution/program.ts';
import type { BoundProgram } from '../training/engine/bound-program.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { QueuedWork, Sent } from '../training/engine/update-queue.ts';
import type { Chunk } from './chunk.ts';
import { cut, type Part, type StreamUpdate } from './cut.ts';
import { Push } from './push.ts';
import { copyInputs, copyOutputs, isRead, passOutputs } from './push-memory.ts';
import { PushedSequence, type BoundUpdate } from './pushed-sequence.ts';
import type { Room } from './room.ts';
import { slotRuns } from './slot-runs.ts';
import { inputOf, joined, outputPieces, outputsOf, takeOutputs } from './update-numbers.ts';
import type { Upload } from './upload.ts';

/** The most bytes of inputs and outputs of a submit, so that thousands of pushes pass through memory for a few submits. */
const MAX_BYTES = 2 * 2 ** 20;

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
  /** Slots that end with a reset, since all pushes behind it were refused. */
  readonly #resetAtEnd = new Set<number>();
  /** The updates that are still to be sent. */
  #updates: BoundUpdate[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly upload: Upload,
    private readonly room: Room,
  ) {}

  /** Whether it has chunks of the stream in this slot. */
  has(slot: number): boolean {
    return this.#last.has(slot);
  }

  /** Adds a chunk, and takes the mark of a reset from its slot. */
  add(slot: number, chunk: Chunk): Push {
    const { network } = this.engine;
    const isReset = network.streams!.takeReset(slot);
    const { outputs, areOfEachStep } = outputsOf(network);
    let sequence = this.#last.get(slot);
    // The output of a last step is that of a chunk, so chunks are not joined there.
    if (!sequence || isReset || !areOfEachStep) {
      sequence = new PushedSequence(slot, isReset, chunk.traced !== undefined);
      this.#sequences.push(sequence);
      this.#last.set(slot, sequence);
    }
    const firstStep = sequence.pushes.at(-1)?.endStep ?? 0;
    const push = new Push(chunk, firstStep, outputs * (areOfEachStep ? chunk.steps : 1));
    sequence.pushes.push(push);
    sequence.isOnGpu ||= chunk.memory !== undefined;
    return push;
  }

  async prepare(): Promise<void> {
    this.isClosed = true;
    await this.room.grow(this.#sequences.reduce((last, { slot }) => Math.max(last, slot), 0));
    this.#sequences = this.#sequences.filter((sequence) => this.#hasRoom(sequence));
    await this.#withoutRefused();
    // The model may have been disposed meanwhile, and a queue that several models share goes on then.
    this.engine.assertOpen();
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
    if (isLast) {
      this.#resetSlots();
      programs.release(this);
    }
    const work = updates.reduce((sum, { bound }) => sum + bound.program.work, 0);
    return { updates: updates.length, work, isLast };
  }

  fail(error: unknown): void {
    this.engine.programs.release(this);
    for (const sequence of this.#sequences) this.#failSequence(sequence, error);
    this.#resetSlots();
  }

  /** Whether there is room for the state of a sequence; if not, that fails. */
  #hasRoom(sequence: PushedSequence): boolean {
    const error = this.room.errorOf(sequence.slot, sequence.isReset);
    if (error !== undefined) this.#failSequence(sequence, error);
    return error === undefined;
  }

  /** Fails pushes whose memory on the GPU was refused, and goes on without them. */
  async #withoutRefused(): Promise<void> {
    const refused = new Set<Push>();
    const pushes = this.#sequences.flatMap((sequence) => (sequence.isOnGpu ? sequence.pushes : []));
    await Promise.all(
      pushes.map(async (push) => {
        await push.chunk.memory?.accepted.catch((error: unknown) => {
          push.fail(error);
          refused.add(push);
        });
      }),
    );
    if (refused.size === 0) return;
    for (const sequence of this.#sequences) sequence.remove(refused);
    this.#sequences.forEach(({ slot, isReset, pushes }, index) => {
      if (pushes.length > 0 || !isReset) return;
      // The slot may still be used by pushes before the reset, so what follows in the batch takes it.
      const next = this.#sequences.slice(index + 1).find((other) => other.slot === slot);
      if (next) next.isReset = true;
      else this.#resetAtEnd.add(slot);
    });
    this.#sequences = this.#sequences.filter(({ pushes }) => pushes.length > 0);
  }

  #resetSlots(): void {
    for (const slot of this.#resetAtEnd) this.room.clear(slot);
    this.#resetAtEnd.clear();
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
    let bytes = 0;
    let count = 0;
    for (const { bound } of this.#updates) {
      const ofProgram = (counts.get(bound) ?? 0) + 1;
      work += bound.program.work;
      bytes += bound.source.x.byteLength + bound.source.output.byteLength;
      const isTooMuch = work > budget || bytes > MAX_BYTES || ofProgram > bound.program.agenda.capacity;
      if (count > 0 && isTooMuch) break;
      counts.set(bound, ofProgram);
      count++;
    }
    return this.#updates.splice(0, count);
  }

  #submit(updates: readonly BoundUpdate[], accepted: Promise<void>): void {
    const { gpu, network } = this.engine;
    const inputs = updates.map(inputOf);
    const uploaded = this.upload.write(joined(inputs), accepted);
    const isOnGpu = updates.some(({ parts }) => parts.some(({ sequence }) => sequence.isOnGpu));
    const pieces = updates.map((update) => (isOnGpu && !isRead(update) ? [] : outputPieces(update, network)));
    const all = pieces.flat();
    const reading = all.length > 0 ? gpu.readback.prepare(all) : undefined;
    const runs = updates.map(({ parts }) => slotRuns(parts.map(rowOf), gpu));
    const indices = this.#writeAgendas(updates.filter((_, n) => !runs[n]));
    let offset = 0;
    try {
      gpu.submitCommands('push', (encoder) => {
        updates.forEach((update, n) => {
          const { bound } = update;
          const { x } = bound.source;
          encoder.copyBufferToBuffer(uploaded.buffer, 4 * offset, x.buffer, x.byteOffset, inputs[n].byteLength);
          offset += inputs[n].length;
          if (isOnGpu) copyInputs(encoder, update);
          const ofUpdate = runs[n];
          if (ofUpdate) bound.encodeRuns(encoder, ofUpdate);
          else recordPass(encoder, 'push', (pass) => bound.encodeOne(pass, indices.get(update)!));
          if (isOnGpu) copyOutputs(encoder, update, network);
          pieces[n].forEach(() => reading!.encodeNext(encoder));
        });
      });
    } catch (error) {
      reading?.fail(error);
      throw error;
    }
    for (const { sequence } of updates.flatMap(({ parts }) => parts)) {
      sequence.isBegun = true;
      this.room.fill(sequence.slot);
    }
    accepted.catch(() => this.#clearReset(updates));
    const fail = (error: unknown) => this.#failUpdates(updates, error);
    if (isOnGpu) accepted.then(() => updates.forEach((update) => passOutputs(update, network)), fail);
    reading?.sent(accepted);
    reading?.result.then((bytes) => {
      const numbers = bytes.map((piece) => new Float32Array(piece));
      updates.forEach((update, n) => {
        const { length } = pieces[n];
        if (length > 0) takeOutputs(update, numbers.splice(0, length), network);
      });
    }, fail);
  }

  /** Writes the agenda of each program. @returns the number of each update in its agenda */
  #writeAgendas(updates: readonly BoundUpdate[]): Map<BoundUpdate, number> {
    const counts = new Map<BoundProgram, number>();
    const indices = new Map<BoundUpdate, number>();
    for (const update of updates) {
      const { bound, parts } = update;
      const index = counts.get(bound) ?? 0;
      counts.set(bound, index + 1);
      const rows = parts.map(rowOf);
      const entry = entryOf({
        samples: rows.map((_, row) => row),
        slots: rows.map(({ slot }) => slot),
        resets: rows.map(({ isReset }) => Number(isReset)),
      });
      bound.program.agenda.write(index, entry, 0, 1);
      indices.set(update, index);
    }
    for (const [{ program }, count] of counts) program.agenda.upload(count);
    return indices;
  }

  /** Resets the states that updates which the device has refused should have reset. */
  #clearReset(updates: readonly BoundUpdate[]): void {
    for (const { slot, isReset } of updates.flatMap(({ parts }) => parts).map(rowOf))
      if (isReset) this.room.clear(slot);
  }

  #failUpdates(updates: readonly BoundUpdate[], error: unknown): void {
    for (const { sequence } of updates.flatMap(({ parts }) => parts)) {
      for (const push of sequence.pushes) push.fail(error);
    }
  }
}

function keyOf({ rows, steps, isTraced }: StreamUpdate<PushedSequence>): ProgramKey {
  const traces = isTraced;
  return { where: 'stream.push', mode: 'predict', rows, steps, channels: ['x'], continuesOutput: true, traces };
}

/** The slot that a row continues, and whether from zero. */
function rowOf({ sequence: { slot, isReset }, firstStep }: Part<PushedSequence>) {
  return { slot, isReset: isReset && firstStep === 0 };
}
