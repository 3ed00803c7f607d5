import { costModel, SUBMIT_MS } from '../../../runtime/autotune/cost-model.ts';
import type { LstmWebGpuError } from '../../../runtime/errors.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { Reading } from '../../../runtime/readback.ts';
import type { Program } from '../../execution/program.ts';
import type { BoundProgram } from './bound-program.ts';
import { countOf, failUpdates, isLike, type Part, type QueuedUpdates, type WaitingUpdates } from './queued-updates.ts';
import { Report } from './report.ts';

/** An action that keeps its order among the updates, such as writing weights. */
interface QueuedAction {
  act: () => void;
  fail?: (error: unknown) => void;
}

/** Work of submits of its own, which keeps its order among the updates. */
export interface QueuedWork {
  /** Settles when it can be sent: called when its turn has come, and nothing may be added to it from then on. */
  prepare(): Promise<unknown>;
  /** Submits a part of it. @param budget how much work that may be, in multiply-adds, unless a single update is more */
  send(budget: number): Sent;
  fail(error: unknown): void;
}

/** A part of queued work that was submitted. */
export interface Sent {
  updates: number;
  /** In multiply-adds; 0 if it does not tell how fast updates run. */
  work: number;
  isLast: boolean;
}

type QueuedItem = WaitingUpdates | QueuedAction | QueuedWork;

/** The most submits under way at once: one runs while the next is encoded. */
const IN_FLIGHT = 2;

/**
 * The queue of updates, which are sent to the GPU in order, as many in one submit as take 20 to 40 ms. Their number depends on
 * the work of an update and on the measured speed.
 */
export class UpdateQueue {
  #waiting: QueuedItem[] = [];
  #turn: Promise<void> = Promise.resolve();
  #isFlushing = false;
  #inFlight: Promise<void>[] = [];
  /** Reports of updates that are sent, to be read with those of the next submit. */
  #reports: Report[] = [];
  #waitingWork = 0;
  /** The most work of a submit, in multiply-adds. */
  #budget: number;
  #lastDone = 0;
  /** How many submits ended since the clock last moved. */
  #untimed = 0;
  #closed?: LstmWebGpuError;

  constructor(private readonly gpu: Gpu) {
    this.#budget = SUBMIT_MS.least * costModel(gpu).throughput;
  }

  push(updates: QueuedUpdates): void {
    this.#waiting.push({ ...updates, sent: 0 });
    this.#waitingWork += updates.entries.count * updates.bound.program.work;
  }

  pushWork(work: QueuedWork): void {
    this.#waiting.push(work);
  }

  /** Whether nothing was queued behind this work, which waits. */
  endsWith(work: QueuedWork): boolean {
    return this.#waiting.at(-1) === work;
  }

  /**
   * Runs an action in order with the updates: at once if none is waiting.
   *
   * @param fail called if the action throws or the queue is closed, but not if updates before it fail
   */
  inOrder(act: () => void, fail?: (error: unknown) => void): void {
    if (this.#waiting.length === 0 && !this.#closed) return act();
    this.#waiting.push({ act, fail });
    this.flushSoon();
  }

  /** Whether updates of this program wait. */
  isWaiting(program: Program): boolean {
    return this.#waiting.some((item) => 'bound' in item && item.bound.program === program);
  }

  /** @throws the error with which it was closed */
  assertOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  /** Whether as many updates wait as one submit takes. */
  get isFull(): boolean {
    return this.#waitingWork >= this.#budget;
  }

  /** How many more updates of so much work wait once it is full. */
  room(work: number): number {
    return Math.ceil((this.#budget - this.#waitingWork) / work);
  }

  /** Sends everything that waits; settles when it is submitted, not when it is done. @throws DeviceLostError */
  flush(): Promise<void> {
    const turn = this.#turn.then(() => this.#sendAll());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * Does work that may free or move memory which programs are bound to: everything that waits is sent before, and what is
   * queued meanwhile, such as pushes into streams, waits for its end. The work must not wait for the queue.
   */
  exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#sendAll()).then(work);
    this.#turn = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /**
   * Sends everything that waits once all calls made in one go have queued theirs, so that they share a submit. Errors reject
   * the results of the queued updates.
   */
  flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    void this.#turn.then(() => {
      this.#isFlushing = false;
      this.flush().catch(() => {});
    });
  }

  /** Drops what waits; from now on `flush` fails with this error. */
  close(error: LstmWebGpuError): void {
    this.#closed = error;
    this.#drop(error);
  }

  async #sendAll(): Promise<void> {
    if (this.#closed) this.#drop(this.#closed);
    if (this.#closed) throw this.#closed;
    try {
      while (this.#waiting.length > 0) {
        const [first] = this.#waiting;
        if ('act' in first) {
          this.#waiting.shift();
          this.#act(first);
          continue;
        }
        if ('prepare' in first) {
          await this.#sendWork(first);
          continue;
        }
        await first.bound.ready;
        await this.#untilRoom();
        this.#send(first.bound, this.#takeNext(first));
      }
    } catch (error) {
      this.#drop(error);
      throw error;
    }
  }

  async #sendWork(work: QueuedWork): Promise<void> {
    await work.prepare();
    for (let isLast = false; !isLast;) {
      await this.#untilRoom();
      const start = performance.now();
      const sent = work.send(this.#budget);
      isLast = sent.isLast;
      if (sent.work > 0) this.#track(sent.updates, sent.work / sent.updates, start);
    }
    this.#waiting.shift();
  }

  /** Settles when one more submit may be under way. @throws the error with which the queue was closed, DeviceLostError */
  async #untilRoom(): Promise<void> {
    if (this.#inFlight.length >= IN_FLIGHT) await this.#inFlight.shift();
    if (this.#closed) throw this.#closed;
    this.gpu.assertUsable('sending updates');
  }

  /** Fails the updates that wait. Actions that wait still run, unless the queue is closed. */
  #drop(error: unknown): void {
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#waitingWork = 0;
    this.#readReports();
    for (const item of dropped) {
      if ('bound' in item)
        failUpdates({ updates: item, from: item.sent, count: item.entries.count - item.sent }, error);
      else if ('prepare' in item) item.fail(error);
      else if (this.#closed) item.fail?.(error);
      else this.#act(item);
    }
  }

  /** Reads the reports of updates that were sent, if no later submit is going to read them. */
  #readReports(): void {
    if (this.#reports.length === 0) return;
    const reports = this.#reports.splice(0);
    try {
      if (this.#closed) throw this.#closed;
      const reading = Report.prepare(reports);
      this.gpu.readback.send(reading);
      Report.settle(reports, reading);
    } catch (error) {
      for (const report of reports) report.fail(error);
    }
  }

  /** Runs an action; if it throws, `fail` is called, and what is queued after it is still sent. */
  #act({ act, fail }: QueuedAction): void {
    try {
      act();
    } catch (error) {
      // An action without `fail` only throws if the device is lost, and then the next call throws too.
      fail?.(error);
    }
  }

  /** Takes updates of the same bound program from the front, as many as one submit may have. */
  #takeNext({ bound, entries: { models }, upload }: QueuedUpdates): Part[] {
    const { agenda, rows, work } = bound.program;
    // Samples that come with updates of one submit lie beside each other in the data set.
    const room = upload ? Math.floor(bound.source.capacity / rows) : Infinity;
    const most = Math.max(1, Math.min(Math.floor(this.#budget / work), agenda.capacityFor(models.length), room));
    const parts: Part[] = [];
    let taken = 0;
    for (let total = 0; total < most;) {
      const updates = this.#waiting[taken];
      if (!updates || !('bound' in updates) || !isLike(updates, bound, models.length)) break;
      const from = updates.sent;
      const count = Math.min(most - total, updates.entries.count - from);
      parts.push({ updates, from, count });
      updates.sent += count;
      total += count;
      if (updates.sent < updates.entries.count) break;
      taken++;
    }
    this.#waiting.splice(0, taken);
    this.#waitingWork -= countOf(parts) * work;
    return parts;
  }

  #send(bound: BoundProgram, parts: readonly Part[]): void {
    const { mode, rows, steps } = bound.program;
    const what = `${mode} on a batch of ${rows} samples with ${steps} steps`;
    try {
      const { accepted } = this.gpu.watch(what, (accepted) => this.#submit(bound, parts, accepted));
      bound.acceptance.note(accepted);
    } catch (error) {
      for (const part of parts) failUpdates(part, error);
      throw error;
    }
  }

  #submit(bound: BoundProgram, parts: readonly Part[], accepted: Promise<void>): void {
    const { program } = bound;
    const count = countOf(parts);
    this.#write(bound, parts);
    const readings = parts.flatMap(({ updates: { reading } }) => reading ?? []);
    const reports = parts.flatMap(({ updates: { report } }) => report ?? []);
    const reportReading = this.#prepareReports(reports);
    if (reportReading) readings.push(reportReading);
    try {
      this.gpu.submit(
        `${count} × ${program.mode}`,
        (pass) => bound.encode(pass, count),
        (encoder) => readings.forEach((reading) => reading.encode(encoder)),
      );
    } catch (error) {
      for (const reading of readings) reading.fail(error);
      throw error;
    }
    for (const reading of readings) reading.sent(accepted);
    for (const report of reports) report.sent(accepted);
    this.#reports.push(...reports);
    if (reportReading) Report.settle(this.#reports.splice(0), reportReading);
    const sent = performance.now();
    this.#track(count, program.work, sent);
  }

  /** Writes the samples that come with updates, and their entries of the agenda. */
  #write({ program: { agenda }, source }: BoundProgram, parts: readonly Part[]): void {
    let index = 0;
    for (const { updates, from, count } of parts) {
      if (updates.upload) source.write(updates.upload.first, updates.upload.data);
      agenda.write(index, updates.entries, from, count);
      index += count;
    }
    agenda.upload(index);
  }

  /** Counts a submit as under way until it is done, and learns from the time that it takes. */
  #track(updates: number, workOfOne: number, sent: number): void {
    const done = this.gpu.settled().then(() => this.#adjustBudget(updates, workOfOne, sent));
    this.#inFlight.push(done.catch(() => {}));
  }

  /** Prepares to read these reports and those of earlier submits, unless the next submit can read them with its own. */
  #prepareReports(reports: readonly Report[]): Reading | undefined {
    const all = [...this.#reports, ...reports];
    if (all.length === 0) return undefined;
    const [next] = this.#waiting;
    const isMore = next !== undefined && 'bound' in next && next.report?.follows(all);
    return isMore ? undefined : Report.prepare(all);
  }

  /**
   * Adapts the budget: up while submits are short, down after a long one. It is not computed from the time of an update, since
   * a submit has an overhead, which on a busy machine may be most of its time. If the clock has coarse ticks, the time between
   * two ticks is shared among the submits that ended in it; if the clock stands still, the budget stays as it is.
   */
  #adjustBudget(updates: number, workOfOne: number, sent: number): void {
    const now = performance.now();
    const elapsed = now - Math.max(sent, this.#lastDone);
    this.#lastDone = now;
    this.#untimed++;
    if (!(elapsed > 0)) return;
    const submitMs = elapsed / this.#untimed;
    this.#untimed = 0;
    const work = updates * workOfOne;
    if (submitMs > SUBMIT_MS.most) this.#budget = work / 2;
    else if (work + workOfOne > this.#budget) this.#budget *= submitMs < SUBMIT_MS.least ? 2 : 1.25;
  }
}
