import { Stopped } from '../training/client.ts';

/** A run tells about itself with this: a sentence, and how much is done, from 0 to 1, where that is known. */
export type Report = (status: string, fraction?: number) => void;

/** Does the work of this name; the signal stops it. It returns a sentence about how it ended. */
export type Run = (name: string, signal: AbortSignal, report: Report) => Promise<string>;

/** Stops what was started last, wherever on the page. */
let stopLatest = (): void => {};

/**
 * The buttons that start something and stop it, how far it is, and what went wrong: the elements `.start`, `.stop`, `progress`,
 * `.status` and `.error` within a place of the page.
 */
export class RunControls {
  readonly #starts: readonly HTMLButtonElement[];
  readonly #stop: HTMLButtonElement;
  readonly #progress: HTMLProgressElement;
  readonly #status: HTMLElement;
  readonly #error: HTMLElement;
  #running?: AbortController;
  #possible: readonly string[] = [];
  #isAgain = false;

  /** @param run does what was pressed until the signal stops it, and returns the sentence that is shown in the end */
  constructor(root: HTMLElement, run: Run) {
    const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
    this.#starts = Array.from(root.querySelectorAll<HTMLButtonElement>('.start'));
    this.#stop = part('.stop');
    this.#progress = part('progress');
    this.#status = part('.status');
    this.#error = part('.error');
    for (const start of this.#starts) {
      start.addEventListener('click', () => void this.#begin(start, run));
    }
    this.#stop.addEventListener('click', () => this.stop());
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The names of what can be run now, as they stand in `data-run` of the buttons. */
  set possible(names: readonly string[]) {
    this.#possible = names;
    this.#enable();
  }

  /** Takes away what the last run came to, which is not that of what is shown now. */
  forget(): void {
    if (!this.#running) this.#status.textContent = this.#error.textContent = '';
  }

  stop(): void {
    this.#isAgain = false;
    this.#running?.abort();
  }

  /** Stops what runs and starts it once more, with what has changed since. */
  restart(): void {
    if (!this.#running) return;
    this.stop();
    this.#isAgain = true;
  }

  async #begin(start: HTMLButtonElement, run: Run): Promise<void> {
    if (this.#running) return;
    // The worker does one thing at a time, and a network that writes would do it for minutes.
    stopLatest();
    stopLatest = () => this.stop();
    this.#error.textContent = '';
    do {
      this.#isAgain = false;
      this.#running = new AbortController();
      this.#show('Loading the library …');
      this.#enable();
      if (document.activeElement?.matches('body, :disabled')) this.#stop.focus({ preventScroll: true });
      await this.#await(run(start.dataset.run!, this.#running.signal, (...told) => this.#show(...told)));
    } while (this.#isAgain);
    const hadFocus = document.activeElement === this.#stop;
    this.#running = undefined;
    this.#enable();
    // Back from the button that is gone.
    if (hadFocus) start.focus({ preventScroll: true });
  }

  async #await(running: Promise<string>): Promise<void> {
    try {
      this.#status.textContent = await running;
    } catch (error) {
      this.#status.textContent = error instanceof Stopped ? 'Stopped.' : '';
      if (!(error instanceof Stopped)) this.#error.textContent = `It did not work. ${messageOf(error)}`;
    }
  }

  #show(status: string, fraction?: number): void {
    this.#status.textContent = status;
    // A bar that does not know how far it is moves from side to side.
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (fraction === undefined && !isStill) this.#progress.removeAttribute('value');
    else this.#progress.value = fraction ?? 0;
  }

  #enable(): void {
    const isRunning = this.#running !== undefined;
    for (const start of this.#starts) {
      start.disabled = !this.#possible.includes(start.dataset.run!);
      // A button that makes sense only after another one is not there before.
      start.hidden = isRunning || (start.disabled && start.hasAttribute('data-later'));
    }
    this.#stop.hidden = !isRunning;
    this.#progress.hidden = !isRunning;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
