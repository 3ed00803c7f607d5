import type { Gpu } from '../../runtime/gpu.ts';
import type { AgendaEntry } from './agenda.ts';
import type { Dataset } from './dataset.ts';

/** One update waiting to be sent. */
export interface QueuedUpdate {
  dataset: Dataset;
  entry: AgendaEntry;
  /** Samples that come with the update and are written just before it, from number `first` on. */
  upload?: { first: number; x: Float32Array<ArrayBuffer>; y?: Float32Array<ArrayBuffer> };
}

/** How long the work of one submit should take: short enough to stop and to draw a page between two. */
const SUBMIT_MS = 30;

/** Submits under way at once: one runs while the next is encoded. */
const IN_FLIGHT = 2;

/**
 * Updates on their way to the GPU, sent in order and many in one submit. How many is found out by the clock: as many
 * as take about 30 ms.
 */
export class UpdateQueue {
  #waiting: QueuedUpdate[] = [];
  #turn: Promise<void> = Promise.resolve();
  #inFlight: Promise<void>[] = [];
  #pace = 4;
  #lastDone = 0;

  constructor(private readonly gpu: Gpu) {}

  push(update: QueuedUpdate): void {
    this.#waiting.push(update);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether as many updates wait as one submit takes. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#pace;
  }

  /** Sends everything that waits; settles when it is submitted, not when it is done. @throws DeviceLostError */
  flush(): Promise<void> {
    const turn = this.#turn.then(() => this.#sendAll());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await this.#waiting[0].dataset.run.ready;
        if (this.#inFlight.length >= IN_FLIGHT) await this.#inFlight.shift();
        this.gpu.assertUsable('sending updates');
        this.#send(this.#takeNext());
      }
    } catch (error) {
      this.#waiting = [];
      throw error;
    }
  }

  /** Updates from the front that run the same plans, as many as one submit takes. */
  #takeNext(): QueuedUpdate[] {
    const { dataset, upload } = this.#waiting[0];
    const { agenda, rows } = dataset.program;
    // Samples that come with an update each need a place of their own in the data set.
    const places = upload ? Math.floor(dataset.capacity / rows) : agenda.capacity;
    const most = Math.min(this.#pace, agenda.capacity, places);
    let count = 1;
    while (count < most && this.#waiting[count]?.dataset === dataset) count++;
    return this.#waiting.splice(0, count);
  }

  #send(updates: readonly QueuedUpdate[]): void {
    const { program, run } = updates[0].dataset;
    updates.forEach(({ dataset, entry, upload }, index) => {
      if (upload) dataset.write(upload.first, upload.x, upload.y);
      program.agenda.set(index, entry);
    });
    program.agenda.upload(updates.length);
    this.gpu.submit(`${updates.length} × ${program.mode}`, (pass) => run.encode(pass, updates.length));
    const sent = performance.now();
    const done = this.gpu.device.queue.onSubmittedWorkDone().then(() => this.#adjustPace(updates.length, sent));
    this.#inFlight.push(done.catch(() => {}));
  }

  #adjustPace(updates: number, sent: number): void {
    const now = performance.now();
    const each = (now - Math.max(sent, this.#lastDone)) / updates;
    this.#lastDone = now;
    const wanted = Math.max(1, Math.floor(SUBMIT_MS / each));
    this.#pace = Math.min(wanted, 2 * this.#pace);
  }
}
