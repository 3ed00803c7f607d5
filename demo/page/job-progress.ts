import { html } from '../drawing/html.ts';
import type { Compiling } from '../experiments/experiment.ts';
import { RemainingTime } from '../experiments/remaining-time.ts';
import { time } from '../experiments/words.ts';
import { isBusy } from '../training/client.ts';
import { compilingWords } from './compiling-words.ts';
import { wantsNoMotion } from './motion.ts';
import { WorkClock } from './work-clock.ts';

/** How a piece of work goes. */
export interface WorkStatus {
  /** The part of the work that is going on, such as the network that is trained. */
  part?: string;
  /** Such as `epoch 3 of 15`. */
  doing?: string;
  /** Done of all the work, from 0 to 1, where that is known. */
  fraction?: number;
  /** Given while work waits for kernels, which is said then instead of what it is doing. */
  compiling?: Compiling;
}

/** How far work for the GPU is: a bar, words with the time that remains, and a button that stops it. */
export class JobProgress {
  readonly bar: HTMLProgressElement;
  readonly stopper = html('button', { type: 'button', className: 'stop' }, 'Stop');
  readonly words = html('span', { className: 'words', role: 'status' });
  #running?: AbortController;
  #remaining = new RemainingTime();
  /** Stands still while kernels compile, which later parts of the work have already. */
  #clock = new WorkClock();

  /** @param label names the bar for those who do not see what it belongs to */
  constructor(label: string) {
    this.bar = html('progress', { ariaLabel: label });
    this.stopper.addEventListener('click', () => this.stop());
    this.#show();
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** @returns the signal that tells the work to stop */
  begin(): AbortSignal {
    this.#running = new AbortController();
    this.#remaining = new RemainingTime();
    this.#show();
    this.prepare();
    return this.#running.signal;
  }

  /** Says that the work, or a part of it, has not begun yet. The time until it does tells nothing of what remains. */
  prepare(fraction?: number): void {
    if (!this.#running || this.#running.signal.aborted) return;
    this.words.textContent = isBusy() ? 'Waiting for another training …' : 'Starting …';
    this.#clock.stop();
    this.#fill(fraction);
  }

  tell({ part, doing, fraction, compiling }: WorkStatus): void {
    // A job tells how it goes until it has heard that it is stopped.
    if (!this.#running || this.#running.signal.aborted) return;
    const words = [part, compiling ? compilingWords(compiling) : doing].filter(Boolean).join(': ');
    const left = this.#left(compiling ? undefined : fraction);
    this.words.textContent = left === undefined ? words : `${words.replace(/\.$/, '')} · ${time(left)} left`;
    this.#fill(fraction);
  }

  /** Stops the work, which goes on until it has heard of it. */
  stop(): void {
    if (!this.#running || this.#running.signal.aborted) return;
    this.words.textContent = 'Stopping …';
    this.#fill(undefined);
    // A disabled button would lose the focus.
    this.stopper.ariaDisabled = 'true';
    this.#running.abort();
  }

  /** @param words how the work ended */
  end(words: string): void {
    this.#running = undefined;
    this.#clock.stop();
    this.#show();
    this.words.textContent = words;
  }

  #left(fraction: number | undefined): number | undefined {
    if (fraction !== undefined) return this.#remaining.measure(fraction, this.#clock.run());
    this.#clock.stop();
    return undefined;
  }

  /** A bar that does not know how far it is moves from side to side. */
  #fill(fraction: number | undefined): void {
    if (fraction === undefined && !wantsNoMotion()) this.bar.removeAttribute('value');
    else this.bar.value = fraction ?? 0;
  }

  #show(): void {
    const isRunning = this.isRunning;
    this.bar.hidden = this.stopper.hidden = !isRunning;
    this.stopper.ariaDisabled = null;
    // Words that change many times a second are not read out; those in the end are.
    this.words.ariaLive = isRunning ? 'off' : 'polite';
  }
}
